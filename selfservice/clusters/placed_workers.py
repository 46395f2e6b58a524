"""Starts operations as Jobs of the cluster where pods may run them, and on this machine otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from selfservice.clusters.launcher import Launcher
from selfservice.clusters.pod_owner import NoPodError, refuse_reserved_steps
from selfservice.errors import RefusedError
from selfservice.operations.event_log import Finished, Phase, Placed, Record
from selfservice.operations.operation import Action, Operation, Outcome, Problem, Status
from selfservice.projects.project import open_project
from selfservice.runner.runner import Running, Start


@dataclass(kw_only=True, slots=True)
class PlacedWorkers:
    """Starts each operation of one run in its place. Several threads may use it.

    The first record of each operation names its place.
    """

    launcher: Launcher
    local: Start
    """Starts an operation on this machine."""
    jobs: int
    """Number of operations that may run on this machine at the same time."""
    _pods: threading.Semaphore = field(init=False)
    _machine: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._pods, self._machine = threading.Semaphore(self.launcher.limit), threading.Semaphore(self.jobs)

    @property
    def limit(self) -> int:
        """Number of operations that may be started at the same time, in both places together."""
        return self.launcher.limit + self.jobs

    def start(self, operation: Operation, directory: Path) -> Running:
        """Starts an operation as soon as its place is free."""
        try:
            launcher = self._launcher_of(operation)
        except NoPodError as refusal:
            place = f"on the machine of the runner, because {refusal.reason}"
            return PlacedWorker(place, self._machine, partial(self.local, operation, directory))
        return PlacedWorker("as a Job of the cluster", self._pods, partial(launcher.start, operation, directory))

    def clean_up(self, notify: Callable[[str], object]) -> None:
        """Deletes the inputs of Jobs, all of which have ended. Reports why if that fails."""
        self.launcher.clean_up(notify)

    def _launcher_of(self, operation: Operation) -> Launcher:
        """Returns the launcher of the Job of an operation. Raises: NoPodError."""
        stack = operation.stack
        if operation.action is Action.DESTROY:
            raise NoPodError(stack, "its settings are gone, and only this machine has a copy of them")
        if operation.action is Action.PREVIEW and (operation.record_file or operation.is_rehearsed_in_this_run):
            raise NoPodError(stack, "its preview is compared with another one of the same run")
        refuse_reserved_steps(stack, operation.approved or ())
        return self.launcher.for_stack(open_project(operation.project_directory), stack)


@dataclass(slots=True)
class PlacedWorker:
    """An operation that starts as soon as its place has a free slot, which it gives back when it has ended."""

    place: str
    """The place in words."""
    slots: threading.Semaphore
    begin: Callable[[], Running]
    """Starts the operation. Raises: RefusedError."""
    _running: Running | None = None
    _records: list[Record] = field(default_factory=list)
    _alive: bool = True

    def __post_init__(self) -> None:
        self._records.append(Placed(place=self.place))
        if not self._has_begun():
            self._records.append(Phase(name="waiting"))

    def read(self) -> list[Record]:
        """Returns the new records, at first the place."""
        if self._has_begun() and self._running is not None:
            self._records += self._running.read()
        records, self._records = self._records, []
        if any(isinstance(record, Finished) for record in records):
            self._end()
        return records

    def is_alive(self) -> bool:
        """Returns whether more records may come."""
        if self._has_begun() and self._running is not None and not self._running.is_alive():
            self._end()
        return self._alive

    def interrupt(self) -> None:
        """Asks the operation to stop after the current steps. One that waits for a slot does not begin any more."""
        if self._running is not None:
            self._running.interrupt()
        else:
            self._stop_waiting()

    def kill(self) -> None:
        """Kills the operation. One that waits for a slot does not begin any more."""
        if self._running is not None:
            self._running.kill()
        else:
            self._stop_waiting()

    def _has_begun(self) -> bool:
        """Begins if there is a free slot. Returns whether the operation is begun or over."""
        if self._running is not None or not self._alive:
            return True
        if not self.slots.acquire(blocking=False):
            return False
        try:
            self._running = self.begin()
        except RefusedError as refusal:
            self._fail(Status.FAILED, str(refusal))
            self.slots.release()
        return True

    def _stop_waiting(self) -> None:
        if self._alive:
            self._fail(Status.INTERRUPTED, "not started: interrupted")

    def _fail(self, status: Status, message: str) -> None:
        self._alive = False
        self._records.append(Finished(outcome=Outcome(status=status, problems=(Problem(message=message),))))

    def _end(self) -> None:
        """Gives the slot back, once."""
        if self._alive and self._running is not None:
            self._alive = False
            self.slots.release()
