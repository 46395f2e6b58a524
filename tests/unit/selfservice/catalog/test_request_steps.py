"""The steps of a request are items of the catalog that only the runner of the request writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.request_steps import RequestSteps, StepRecord, StepState
from selfservice.request_tables.claim import LEASE_SECONDS
from selfservice.request_tables.runner_process import RunnerProcess

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID = "20261123T120000Z-00000001"
ONE = RunnerProcess("one.example", 1, "1")
OTHER = RunnerProcess("other.example", 2, "2")
SETTINGS = StepRecord(number=1, name="settings", needs=())
FRAUD = StepRecord(number=2, name="stack:fraud", needs=("settings",))


@pytest.fixture
def claimed(requests: ChangeRequests, items: CatalogItems) -> RequestSteps:
    """The steps of a request that the first runner holds."""
    requests.add("ada", "{}", id_=ID, now=NOW)
    (change,) = requests.open_changes()
    assert requests.claim(change, ONE, NOW)
    return RequestSteps(items=items, request=ID, runner=str(ONE))


@pytest.mark.requirement("GOV-04.c")
def test_steps_are_read_in_the_order_of_the_plan_as_they_were_written(claimed: RequestSteps) -> None:
    failed = replace(
        FRAUD, state=StepState.FAILED, phase="updating", resources="3/9", started="a", ended="b", reason="AccessDenied",
        place="as a Job of the cluster",
    )  # fmt: skip
    assert claimed.write([failed, SETTINGS])
    assert claimed.read() == [SETTINGS, failed]
    assert claimed.write([], removed=[failed])
    assert claimed.read() == [SETTINGS]


@pytest.mark.threat("T-09")
def test_a_runner_that_has_lost_the_request_writes_no_step(claimed: RequestSteps, requests: ChangeRequests) -> None:
    claimed.write([SETTINGS, FRAUD])
    (change,) = requests.open_changes()
    assert requests.claim(change, OTHER, NOW + timedelta(seconds=LEASE_SECONDS + 1))
    assert not claimed.write([replace(FRAUD, state=StepState.RUNNING)], removed=[SETTINGS])
    assert claimed.read() == [SETTINGS, FRAUD]
    other = replace(claimed, runner=str(OTHER))
    assert other.write([replace(FRAUD, state=StepState.RUNNING)])
    assert [step.state for step in other.read()] == [StepState.WAITING, StepState.RUNNING]


def test_a_reader_writes_no_step(claimed: RequestSteps) -> None:
    assert not replace(claimed, runner="").write([SETTINGS])
    assert claimed.read() == []


def test_steps_are_neither_events_nor_the_record_of_the_request(
    claimed: RequestSteps, requests: ChangeRequests
) -> None:
    record = requests.record(ID)
    claimed.write([SETTINGS, FRAUD])
    assert [event["note"] for event in requests.events(ID)] == ["requested by ada"]
    assert (requests.record(ID), requests.records()) == (record, [record])


def test_more_steps_than_a_transaction_takes_are_written(claimed: RequestSteps) -> None:
    many = [replace(FRAUD, number=number) for number in range(1, 251)]
    assert claimed.write(many)
    assert claimed.read() == many


def test_the_reason_of_a_step_is_readable_and_short(claimed: RequestSteps) -> None:
    claimed.write([replace(FRAUD, reason="\x1b[2J" + "x" * 5_000)])
    (found,) = claimed.read()
    assert "\x1b" not in found.reason
    assert len(found.reason) == 2_000


class Conflicting:
    """A client of DynamoDB that cancels the first transactions, as when the claim is extended at the same moment."""

    def __init__(self, client: Any, times: int) -> None:
        self._client, self.times = client, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transact_write_items(self, **arguments: Any) -> Any:
        self.times -= 1
        if self.times < 0:
            return self._client.transact_write_items(**arguments)
        reasons = [{"Code": "TransactionConflict"}, *[{"Code": "None"}] * (len(arguments["TransactItems"]) - 1)]
        raise self._client.exceptions.TransactionCanceledException({"CancellationReasons": reasons}, "x")


def test_an_extension_of_the_claim_at_the_same_moment_does_not_stop_the_run(
    claimed: RequestSteps, items: CatalogItems
) -> None:
    busy = replace(claimed, items=CatalogItems(Conflicting(items.client, times=2)))
    assert busy.write([SETTINGS])
    assert claimed.read() == [SETTINGS]
    endless = replace(claimed, items=CatalogItems(Conflicting(items.client, times=1_000)))
    assert not endless.write([FRAUD])
    assert claimed.read() == [SETTINGS]
