"""An operation of a request runs as a Job where a pod may run it, and on the machine of the runner otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from selfservice.clusters import placed_workers
from selfservice.clusters.launcher import Launcher
from selfservice.clusters.placed_workers import PlacedWorkers
from selfservice.clusters.pod_owner import NoPodError
from selfservice.errors import RefusedError
from selfservice.operations.event_log import Finished, Phase, Placed, Record
from selfservice.operations.operation import Action, Operation, Outcome, Status
from selfservice.runner.runner import Running

DONE = Finished(outcome=Outcome(status=Status.SUCCEEDED))
JOB = Placed(place="as a Job of the cluster")
URN = "urn:pulumi:fraud-development::plinth::plinth:x:Roles$aws:{}::role"


def here(reason: str) -> Placed:
    return Placed(place=f"on the machine of the runner, because {reason}")


@dataclass
class Worker:
    """A started operation whose end a test decides."""

    records: list[Record] = field(default_factory=list)
    alive: bool = True
    signals: list[str] = field(default_factory=list)

    def read(self) -> list[Record]:
        records, self.records = self.records, []
        return records

    def is_alive(self) -> bool:
        return self.alive

    def interrupt(self) -> None:
        self.signals.append("interrupt")

    def kill(self) -> None:
        self.signals.append("kill")


@dataclass
class Places:
    """Both places, with what was started in each."""

    pods: dict[str, Worker] = field(default_factory=dict)
    machine: dict[str, Worker] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    """Stacks on which no pod may operate, with the reason."""
    limit: int = 2
    broken: str = ""
    """Why no Job starts."""

    def for_stack(self, project: Any, stack: str) -> Places:
        if stack in self.refused:
            raise NoPodError(stack, self.refused[stack])
        return self

    def start(self, operation: Operation, directory: Path) -> Running:
        if self.broken:
            raise RefusedError(self.broken)
        self.pods[operation.stack] = Worker()
        return self.pods[operation.stack]

    def start_here(self, operation: Operation, directory: Path) -> Running:
        self.machine[operation.stack] = Worker()
        return self.machine[operation.stack]


@pytest.fixture
def places() -> Places:
    return Places()


@pytest.fixture
def workers(places: Places, monkeypatch: pytest.MonkeyPatch) -> PlacedWorkers:
    monkeypatch.setattr(placed_workers, "open_project", lambda directory: SimpleNamespace(directory=directory))
    return PlacedWorkers(launcher=cast(Launcher, places), local=places.start_here, jobs=1)


def update(stack: str, *approved: str) -> Operation:
    path = Path("project")
    return Operation(
        action=Action.UP, stack=stack, project_directory=path, lock_path=path, fingerprints=path, approved=approved
    )


def start(workers: PlacedWorkers, operation: Operation) -> Running:
    return workers.start(operation, Path("logs"))


def test_an_operation_that_a_pod_may_run_is_a_job(workers: PlacedWorkers, places: Places) -> None:
    running = start(workers, update("fraud-development", f"update {URN.format('iam/role:Role')}"))
    assert (list(places.pods), list(places.machine)) == (["fraud-development"], [])
    assert running.read() == [JOB]
    places.pods["fraud-development"].records.append(DONE)
    assert running.read() == [DONE]


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        (update("fraud"), "it is not deployed yet"),
        (replace(update("network"), action=Action.DESTROY), "its settings are gone, and only this machine has a copy"),
        (
            replace(update("network"), action=Action.PREVIEW, record_file=Path("rehearsal.json")),
            "its preview is compared with another one of the same run",
        ),
        (update("network", f"update {URN.format('iam/policy:Policy')}"), "its update changes policies or attaches"),
        (
            update("network", f"create {URN.format('iam/rolePolicyAttachment:RolePolicyAttachment')}"),
            "its update changes policies or attaches some",
        ),
    ],
    ids=["refused", "destroyed", "compared", "policy", "attachment"],
)
def test_an_operation_that_no_pod_may_run_runs_here_and_says_why(
    workers: PlacedWorkers, places: Places, operation: Operation, reason: str
) -> None:
    places.refused["fraud"] = "it is not deployed yet"
    running = start(workers, operation)
    assert (list(places.pods), list(places.machine)) == ([], [operation.stack])
    (placed,) = running.read()
    assert isinstance(placed, Placed)
    assert placed.place.startswith(here(reason).place)


def test_a_pod_may_detach_a_policy(workers: PlacedWorkers, places: Places) -> None:
    start(workers, update("network", f"delete {URN.format('iam/rolePolicyAttachment:RolePolicyAttachment')}"))
    assert list(places.pods) == ["network"]


def test_each_place_has_slots_of_its_own_and_an_ended_operation_gives_its_slot_back_once(
    workers: PlacedWorkers, places: Places
) -> None:
    places.refused = dict.fromkeys(("a", "b", "c"), "it is not deployed yet")
    running = {stack: start(workers, update(stack)) for stack in ("a", "b", "c", "x", "y", "z")}
    assert (list(places.machine), list(places.pods), workers.limit) == (["a"], ["x", "y"], 3)
    assert running["b"].read() == [here("it is not deployed yet"), Phase(name="waiting")]
    places.machine["a"].records.append(DONE)
    places.machine["a"].alive = False
    assert not running["a"].is_alive()
    assert running["a"].read()[-1] == DONE
    assert running["b"].is_alive()
    assert running["c"].is_alive()
    assert list(places.machine) == ["a", "b"], "the end and the result give one slot back"
    places.pods["y"].records.append(DONE)
    assert running["y"].read()[-1] == DONE
    assert running["z"].read() == [JOB, Phase(name="waiting")]
    assert list(places.pods) == ["x", "y", "z"]


@pytest.mark.parametrize("stop", ["interrupt", "kill"])
def test_an_operation_that_waits_for_a_slot_does_not_begin_after_an_interruption(
    workers: PlacedWorkers, places: Places, stop: str
) -> None:
    first, second = (start(workers, update(stack)) for stack in ("x", "y"))
    third = start(workers, update("z"))
    for running in (first, third):
        getattr(running, stop)()
        getattr(running, stop)()
    assert places.pods["x"].signals == [stop, stop]
    assert not third.is_alive()
    *_, ended = third.read()
    assert isinstance(ended, Finished)
    assert ended.outcome.status is Status.INTERRUPTED
    places.pods["x"].alive = False
    assert not first.is_alive()
    assert third.read() == []
    assert list(places.pods) == ["x", "y"]
    assert second.is_alive()


def test_a_job_that_does_not_start_fails_with_the_reason_and_leaves_its_slot_to_others(
    workers: PlacedWorkers, places: Places
) -> None:
    places.broken = "the cluster did not start the Job of x: quota exceeded"
    for _ in range(places.limit + 1):
        _, ended = start(workers, update("x")).read()
        assert isinstance(ended, Finished)
        assert ended.outcome.status is Status.FAILED
        assert ended.outcome.problems[0].message == places.broken
    places.broken = ""
    start(workers, update("y"))
    assert list(places.pods) == ["y"]
