import json

import pytest

from selfservice.operations.event_log import EventLog, EventLogReader, Finished, Notice, Phase, Step
from selfservice.operations.operation import Difference, Outcome, Problem, PropertyChange, Status

CANARY = "AKIAIOSFODNN7EXAMPLE"
OUTCOME = Outcome(
    status=Status.FAILED,
    changes={"create": 2},
    drifted=("urn:a",),
    drift=(Difference(urn="urn:a", step="changed", properties=(PropertyChange(path="a", old="1", new="2"),)),),
    resources=7,
    accounts=("111111111111",),
    problems=(Problem(message="no", urn="urn:a"),),
    seconds=1.5,
)
RECORDS = [
    Phase(name="previewing"),
    Notice(message="hello"),
    Step(urn="urn:a", step="create", state="done", detail="tags"),
    Problem(message="no", urn="urn:a"),
    Finished(outcome=OUTCOME),
]


def test_what_is_written_is_read_back_in_order_and_once(tmp_path):
    event_log, tail = EventLog(tmp_path / "log"), EventLogReader(tmp_path / "log")
    for record in RECORDS:
        event_log.write(record)
    assert tail.read() == RECORDS
    assert tail.read() == []


def test_a_line_that_is_still_being_written_waits_for_its_end(tmp_path):
    path = tmp_path / "log"
    tail = EventLogReader(path)
    line = json.dumps({"kind": "Notice", "at": 1.0, "message": "größer"}) + "\n"
    path.write_text(line[:20], encoding="utf-8")
    assert tail.read() == []
    path.write_text(line, encoding="utf-8")
    assert tail.read() == [Notice(message="größer")]


def test_a_log_that_does_not_exist_yet_is_empty(tmp_path):
    assert EventLogReader(tmp_path / "log").read() == []


@pytest.mark.threat("T-07")
def test_no_message_of_a_log_contains_a_credential(tmp_path):
    said = f"refused: {CANARY}"
    event_log = EventLog(tmp_path / "log")
    for record in (
        Notice(message=said),
        Step(urn="urn:a", step="create", state="failed", detail=said),
        Problem(message=said, urn="urn:a"),
        Finished(outcome=Outcome(status=Status.FAILED, problems=(Problem(message=said),))),
    ):
        event_log.write(record)
    assert CANARY not in (tmp_path / "log").read_text(encoding="utf-8")
    assert (tmp_path / "log").read_text(encoding="utf-8").count("refused: (not shown)") == 4
