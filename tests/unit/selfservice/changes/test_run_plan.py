"""The executor of a plan follows operations to their ends, and stops those that exceed the time limit."""

import itertools
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from selfservice.changes.run_plan import PlanExecutor
from selfservice.durable.node import Node, NodeResult, NodeStatus
from selfservice.errors import RefusedError
from selfservice.operations.event_log import EventLog, EventLogReader, Finished, Notice, Record
from selfservice.operations.limits import GRACE_SECONDS
from selfservice.operations.operation import Action, Operation, Outcome, Problem, Status
from selfservice.runner.runner import Running

CANARY = "AKIAIOSFODNN7EXAMPLE"
SETTLED = Outcome(status=Status.SUCCEEDED, changes={"create": 3}, seconds=2.0)
STOPPED = Outcome(status=Status.INTERRUPTED, problems=(Problem(message="stopped by a signal"),))
FRAUD = Node(name="stack:fraud", input={"kind": "stack", "stack": "fraud", "approved": []})


class HangingWorker:
    """Works without an end until it is stopped. ``answer`` is its result once it is interrupted; None ignores that."""

    def __init__(self, answer: Outcome | None) -> None:
        self.answer = answer
        self.signals: list[str] = []

    def read(self) -> list[Record]:
        return [Finished(outcome=self.answer)] if self.signals and self.answer is not None else []

    def is_alive(self) -> bool:
        return "kill" not in self.signals

    def interrupt(self) -> None:
        self.signals.append("interrupt")

    def kill(self) -> None:
        self.signals.append("kill")


class Executor(PlanExecutor):
    """Executes an operation of its own, without a project."""

    def operation(self, kind: str, stack: str, approved: list[str]) -> Operation | None:
        return Operation(
            action=Action.UP,
            stack=stack,
            project_directory=Path("project"),
            lock_path=Path("lock"),
            fingerprints=Path("fingerprints"),
        )


def executor(start: Callable[[Operation, Path], Running], clock: Callable[[], float] = lambda: 0.0) -> Executor:
    return Executor(
        directory=Path("project"),
        logs=Path("logs"),
        start=start,
        calls={},
        time_limit_minutes=2,
        clock=clock,
        pause=lambda _: None,
    )


def result(work: Executor, *, stopped: bool = False) -> NodeResult:
    stop = threading.Event()
    if stopped:
        stop.set()
    return work.run("more-people", FRAUD, {}, stop)


@pytest.mark.parametrize("answer", [STOPPED, None], ids=["which stops", "which ignores the interruption"])
def test_the_time_limit_stops_a_hanging_operation_and_the_reason_of_the_step_explains_it(
    answer: Outcome | None,
) -> None:
    worker = HangingWorker(answer)
    times = itertools.chain([0.0, 119.0, 120.0, 121.0], itertools.repeat(120.0 + GRACE_SECONDS))
    found = result(executor(lambda operation, directory: worker, lambda: next(times)))
    assert worker.signals == (["interrupt"] if answer else ["interrupt", "kill"])
    assert found.status is NodeStatus.FAILED, "an interrupted step would run again at once"
    cause = "stopped by a signal" if answer else "the worker process ended without a result; see the log"
    assert found.output["reason"].splitlines() == [
        "stopped after 2 minutes, the time limit of an operation; run it again to continue, with a higher --time-limit "
        "if it is slow",
        cause,
    ]


def test_an_operation_within_the_limit_is_left_alone() -> None:
    worker = HangingWorker(SETTLED)
    worker.signals = ["its own end"]
    given: list[tuple[str, Path]] = []

    def start(operation: Operation, directory: Path) -> Running:
        given.append((operation.stack, directory))
        return worker

    found = result(executor(start))
    assert given == [("fraud", Path("logs/fraud"))]
    assert worker.signals == ["its own end"]
    assert found == NodeResult(status=NodeStatus.SUCCEEDED, output={"changes": {"create": 3}, "seconds": 2.0})


def test_an_interruption_of_the_run_leaves_the_step_to_the_next_runner() -> None:
    worker = HangingWorker(STOPPED)
    assert result(executor(lambda operation, directory: worker), stopped=True).status is NodeStatus.INTERRUPTED
    assert worker.signals == ["interrupt"]


def test_an_operation_that_cannot_be_started_fails_its_step_with_the_reason() -> None:
    def refuse(operation: Operation, directory: Path) -> Running:
        raise RefusedError("the cluster did not start the Job of fraud: quota exceeded")

    found = result(executor(refuse))
    assert (found.status, found.output["reason"]) == (
        NodeStatus.FAILED,
        "the cluster did not start the Job of fraud: quota exceeded",
    )


class LoggedWorker:
    """A worker that has ended, with its event log."""

    def __init__(self, path: Path, records: list[Record]) -> None:
        log, self._tail = EventLog(path), EventLogReader(path)
        for record in records:
            log.write(record)

    def read(self) -> list[Record]:
        return self._tail.read()

    def is_alive(self) -> bool:
        return False

    def interrupt(self) -> None: ...

    def kill(self) -> None: ...


@pytest.mark.threat("T-07")
def test_a_credential_that_a_worker_met_is_in_no_report_and_no_reason_of_a_step(tmp_path: Path) -> None:
    said = f"the provider answered: {CANARY}"
    failed = Outcome(status=Status.FAILED, problems=(Problem(message=said),))
    worker = LoggedWorker(tmp_path / "events.jsonl", [Notice(message=said), Finished(outcome=failed)])
    work = executor(lambda operation, directory: worker)
    assert result(work).output == {"reason": "the provider answered: (not shown)"}
    reported = [*work.reports.queue, *work.steps.queue]
    assert "the provider answered" in str(reported)
    assert CANARY not in str(reported)


@pytest.mark.threat("T-07")
def test_a_credential_in_the_refusal_of_a_step_is_hidden() -> None:
    def refuse(needs: Mapping[str, NodeResult]) -> Mapping[str, Any]:
        raise RefusedError(f"git push https://ada:{CANARY}@git.acme.example failed")

    work = executor(lambda operation, directory: HangingWorker(None))
    work.calls = {"settings": refuse}
    found = work.run("more-people", Node(name="settings", input={"kind": "settings"}), {}, threading.Event())
    assert found.output == {"reason": "git push (not shown)git.acme.example failed"}
