"""A runner works on every open request once, and records why a request was refused or has failed."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable

import pytest

from plinth_sandbox.waiting import LONGEST_SECONDS
from selfservice.errors import BadInputError, RefusedError
from selfservice.request_tables.heartbeat import Heartbeat
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.record import OpenRequest, Result, State
from selfservice.requests.request_table import RequestTable
from selfservice.requests.run_requests import LONGEST_REASON, run_open_requests
from selfservice.requests.table_text import as_text
from tests.unit.selfservice.requests.test_request_table import DONE, ID, NOW, ONE, OTHER, REQUEST, add


def run(table: RequestTable, create: Callable[[OpenRequest, UseCaseRequest], Result]) -> list[State]:
    finished = run_open_requests(table, ONE, create, started=lambda claim: None, now=lambda: NOW)
    return [open_request.result.state for open_request in finished if open_request.recorded]


def done(_: OpenRequest, request: UseCaseRequest) -> Result:
    assert request == REQUEST
    return DONE


@pytest.mark.requirement("TPL-03.b")
def test_every_open_request_is_created_once(table: RequestTable) -> None:
    for user in ("ada", "grace"):
        add(table, user=user)
    assert run(table, done) == [State.DONE, State.DONE]
    assert run(table, done) == []


def test_a_request_of_another_runner_is_left_to_it(table: RequestTable) -> None:
    assert table.claim(add(table), OTHER, NOW) is not None
    assert run(table, done) == []


@pytest.mark.parametrize(
    ("error", "state"),
    [(BadInputError("there is no team fraud"), State.REFUSED), (RefusedError("git refused"), State.FAILED)],
)
def test_the_reason_is_recorded(table: RequestTable, error: Exception, state: State) -> None:
    def create(_: OpenRequest, __: UseCaseRequest) -> Result:
        raise error

    add(table)
    assert run(table, create) == [state]
    (row,) = table.records("fraud")
    assert row.result["reason"] == str(error)
    assert as_text([row]) == f"{ID}  {state}  fraud--card-risk  grace  2026-11-22T16:00:00+00:00\n    {error}"


@pytest.mark.threat("T-19")
def test_a_long_reason_is_shortened(table: RequestTable) -> None:
    add(table)
    assert run(table, lambda *_: Result(state=State.FAILED, reason="x" * 9_999)) == [State.FAILED]
    assert table.records("fraud")[0].result["reason"] == "x" * LONGEST_REASON


@pytest.mark.threat("T-19")
def test_a_wrong_request_is_refused_and_the_next_is_created(table: RequestTable) -> None:
    table.add("fraud", "ada", REQUEST.model_copy(update={"name": "Bad"}), id_=ID, now=NOW)
    table.add("fraud", "ada", REQUEST, id_="mine", now=NOW)
    add(table)
    assert sorted(run(table, done)) == [State.DONE, State.REFUSED, State.REFUSED]
    reasons = "\n".join(row.result.get("reason", "") for row in table.records("fraud"))
    assert "name: Bad does not have the form of a use-case name" in reasons
    assert "its id is not one" in reasons
    assert "fraud--?" in as_text(table.records("fraud"))


def test_a_defect_is_recorded_and_raised(table: RequestTable) -> None:
    def create(_: OpenRequest, __: UseCaseRequest) -> Result:
        raise KeyError("outputs")

    add(table)
    with pytest.raises(KeyError):
        run(table, create)
    (row,) = table.records("fraud")
    assert (row.state, row.result["reason"]) == (State.FAILED, "KeyError: 'outputs'")


def test_an_interrupted_runner_leaves_the_claim_to_the_next(table: RequestTable) -> None:
    def create(_: OpenRequest, __: UseCaseRequest) -> Result:
        raise KeyboardInterrupt

    add(table)
    with pytest.raises(KeyboardInterrupt):
        run(table, create)
    (row,) = table.records("fraud")
    assert row.state == State.RUNNING


def test_a_heartbeat_ends_when_the_claim_is_lost_and_outlasts_errors() -> None:
    answers = iter([True, None, True, False])
    beats, lost = [], threading.Event()

    def extend() -> bool:
        answer = next(answers)
        beats.append(answer)
        if answer is None:
            raise ConnectionError
        if not answer:
            lost.set()
        return answer

    with Heartbeat(extend, every_seconds=0.001):
        assert lost.wait(LONGEST_SECONDS)
    assert beats == [True, None, True, False]


def test_a_killed_process_has_ended_before_and_after_its_parent_looks() -> None:
    with subprocess.Popen(["sleep", "600"]) as process:
        runner = RunnerProcess.of(process.pid)
        assert not runner.has_ended
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert runner.has_ended
    assert runner.has_ended


def test_a_process_is_known_by_machine_id_and_start() -> None:
    current = RunnerProcess.current()
    assert RunnerProcess.parse(str(current)) == current
    assert not current.has_ended
    assert RunnerProcess(current.machine, 2**22 + 1, "1").has_ended
    assert not RunnerProcess("elsewhere", 2**22 + 1, "1").has_ended
    assert RunnerProcess.parse("nonsense") is None
