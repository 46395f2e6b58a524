"""Runs the operations of a stack graph: starts workers, follows their event logs and collects the outcomes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from selfservice.errors import RefusedError
from selfservice.formatting import counted
from selfservice.operations.event_log import Finished, Record
from selfservice.operations.limits import Stoppable, TimeLimit
from selfservice.operations.operation import Operation, Outcome, Problem, Status
from selfservice.operations.schedule import Graph, Schedule

_POLL_SECONDS = 0.1


class NotStartedError(Exception):
    """Raised if a stack is not started, and no other one may be started after it. The message says why."""


class Running(Stoppable, Protocol):
    """A started operation."""

    def read(self) -> list[Record]:
        """Returns the new records of its event log since the last call."""

    def is_alive(self) -> bool:
        """Returns whether its process is running."""


Start = Callable[[Operation, Path], Running]
"""Starts an operation, with the directory for the output of its engine. Raises: RefusedError, NotStartedError."""


class ProgressListener(Protocol):
    """Receives the progress of operations."""

    def started(self, stack: str) -> None: ...

    def recorded(self, stack: str, record: Record) -> None: ...

    def finished(self, stack: str, outcome: Outcome) -> None: ...

    def tick(self) -> None: ...


@dataclass(slots=True)
class Runner:
    """Runs the stacks of one command. An instance can run once."""

    graph: Graph
    limit: int
    launch: Callable[[str], Running]
    listener: ProgressListener
    time_limit: TimeLimit = field(default_factory=TimeLimit)
    pause: Callable[[float], None] = time.sleep
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    _running: dict[str, Running] = field(default_factory=dict)
    _interrupts: int = 0
    _stopped_at: str = ""
    """The stack that was not started; empty as long as stacks may start."""

    def run(self) -> Mapping[str, Outcome]:
        """Runs all stacks of the graph and returns the outcome of each."""
        schedule = Schedule(self.graph, limit=self.limit)
        while not schedule.done:
            if self._interrupts:
                not_started = Problem(message="not started: interrupted")
                self._drop(schedule.stop(), Outcome(status=Status.INTERRUPTED, problems=(not_started,)))
            for stack in schedule.start():
                self._start(stack, schedule)
            for stack in list(self._running):
                outcome = self._follow(stack)
                if outcome is not None:
                    outcome = self.time_limit.explained(stack, outcome)
                    self._finish(stack, outcome)
                    needing = schedule.finish(stack, succeeded=outcome.status.lets_dependents_go_on)
                    self._drop(needing, Outcome(status=Status.SKIPPED, held_up_by=stack))
            self.listener.tick()
            self.pause(_POLL_SECONDS if self._running else 0)
        return {stack: self.outcomes[stack] for stack in self.graph}

    def _start(self, stack: str, schedule: Schedule) -> None:
        """Starts a stack, or ends the command before it once the stacks under way have ended."""
        if self._stopped_at:  # the schedule had chosen both
            schedule.finish(stack, succeeded=False)
            self._drop([stack], Outcome(status=Status.SKIPPED, held_up_by=self._stopped_at))
            return
        try:
            running = self.launch(stack)
        except NotStartedError as error:
            self._stopped_at = stack
            problem = Problem(message=f"{error} {self._progress()}")
            self._drop([stack], Outcome(status=Status.FAILED, problems=(problem,)))
            left = [*schedule.finish(stack, succeeded=False), *schedule.stop()]
            self._drop(left, Outcome(status=Status.SKIPPED, held_up_by=stack))
            return
        except RefusedError as refusal:
            self._drop([stack], Outcome(status=Status.FAILED, problems=(Problem(message=str(refusal)),)))
            self._drop(schedule.finish(stack, succeeded=False), Outcome(status=Status.SKIPPED, held_up_by=stack))
            return
        self.listener.started(stack)
        self._running[stack] = running
        self.time_limit.start(stack)

    def _progress(self) -> str:
        """Returns what a command that ends early has done and left."""
        every, running = len(self.graph), len(self._running)
        done = sum(outcome.status.lets_dependents_go_on for outcome in self.outcomes.values())
        return (
            f"{done} of {counted(every, 'stack')} done, and saved; {running} under way; {every - done - running} left. "
            "To continue, run the same command again."
        )

    def interrupt(self) -> None:
        """Asks the engines to stop after the current steps. The second call kills them."""
        self._interrupts += 1
        for running in self._running.values():
            if self._interrupts == 1:
                running.interrupt()
            else:
                running.kill()

    def _follow(self, stack: str) -> Outcome | None:
        running = self._running[stack]
        alive = running.is_alive()  # check before reading, so that no last record is missed
        for record in running.read():
            if isinstance(record, Finished):
                return record.outcome
            self.listener.recorded(stack, record)
        if alive:
            self.time_limit.enforce(stack, running)
            return None
        if self._interrupts:
            return Outcome(
                status=Status.INTERRUPTED, problems=(Problem(message="the worker was stopped before it finished"),)
            )
        return Outcome(
            status=Status.FAILED, problems=(Problem(message="the worker process ended without a result; see the log"),)
        )

    def _finish(self, stack: str, outcome: Outcome) -> None:
        del self._running[stack]
        self.outcomes[stack] = outcome
        self.listener.finished(stack, outcome)

    def _drop(self, stacks: list[str], outcome: Outcome) -> None:
        for stack in stacks:
            self.outcomes[stack] = outcome
            self.listener.finished(stack, outcome)
