from datetime import UTC, datetime, timedelta

import pytest

from selfservice.fingerprints.drift_record import DriftRecord, record_drift
from selfservice.operations.operation import Action, Operation, Outcome, Status

URN = "urn:pulumi:fraud::plinth::aws:iam/role:Role::training"


@pytest.fixture
def record(tmp_path):
    def run(action, status=Status.SUCCEEDED, drifted=(URN,), *, refresh=True):
        operation = Operation(
            action=action,
            stack="fraud",
            project_directory=tmp_path,
            lock_path=tmp_path / "lock",
            fingerprints=tmp_path / "fingerprints",
            refresh=refresh,
        )
        record_drift(operation, Outcome(status=status, drifted=drifted))
        return DriftRecord.read(operation.fingerprints, "fraud")

    return run


def test_a_preview_records_what_differs_and_when(record):
    found = record(Action.PREVIEW)
    assert found.drifted == (URN,)
    assert datetime.now(UTC) - found.seen < timedelta(minutes=1)


def test_an_update_has_corrected_what_differed_and_a_deleted_stack_has_no_record(record):
    record(Action.PREVIEW)
    assert record(Action.UP).drifted == ()
    assert record(Action.DESTROY) is None


@pytest.mark.parametrize(
    ("action", "status", "refresh"),
    [
        (Action.UP, Status.FAILED, True),
        (Action.DESTROY, Status.INTERRUPTED, True),
        (Action.PREVIEW, Status.REFUSED, True),
        (Action.PREVIEW, Status.SUCCEEDED, False),
    ],
)
def test_an_operation_that_compared_nothing_or_failed_keeps_the_record(record, action, status, refresh):
    before = record(Action.PREVIEW)
    assert record(action, status, (), refresh=refresh) == before


def test_a_damaged_record_counts_as_missing(record, tmp_path):
    record(Action.PREVIEW)
    (tmp_path / "fingerprints" / "drift" / "fraud.json").write_text("{")
    assert record(Action.PREVIEW, refresh=False) is None
