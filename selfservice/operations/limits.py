"""Limits of one command: the number of stacks that run in parallel, and the time of the operation on each."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Protocol

from selfservice.formatting import counted
from selfservice.operations.operation import Outcome, Problem, Status

DEFAULT_MINUTES = 240
"""The slowest resources, such as databases and clusters, take AWS less than an hour each."""
GRACE_SECONDS = 900.0
"""Time for the steps under way. Afterwards, a killed worker leaves pending operations, which the next run resolves."""
_BYTES_PER_OPERATION = 600 * 1024**2
"""Memory of one running stack, with a margin: engine, language host, program, policy host and one provider process."""


def default_jobs() -> int:
    """Returns the number of parallel stacks that processors and free memory allow; at least 1.

    There is one more than processors, because an operation waits for AWS and for its own state in between.
    """
    return max(1, min(_processors() + 1, _free_memory() // _BYTES_PER_OPERATION))


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _free_memory() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):  # macOS does not report free memory
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


class Step(Enum):
    """Action on an operation that has exceeded its limit."""

    INTERRUPT = "interrupt"
    KILL = "kill"


class Stoppable(Protocol):
    """A started operation that can be stopped."""

    def interrupt(self) -> None:
        """Asks it to stop after the current steps."""

    def kill(self) -> None:
        """Kills it immediately."""


@dataclass(slots=True)
class TimeLimit:
    """The limit of each operation of one command."""

    minutes: int = DEFAULT_MINUTES
    """Minutes from the start of the worker, including the wait for the stack lock."""
    clock: Callable[[], float] = time.monotonic
    _started: dict[str, float] = field(default_factory=dict)
    _taken: dict[str, Step] = field(default_factory=dict)

    def start(self, stack: str) -> None:
        self._started[stack] = self.clock()

    def next_step(self, stack: str) -> Step | None:
        """Returns the step that is due, each once."""
        late = self.clock() - self._started[stack] - self.minutes * 60
        step = None if late < 0 else Step.INTERRUPT if late < GRACE_SECONDS else Step.KILL
        if step is None or self._taken.get(stack) in (step, Step.KILL):
            return None
        self._taken[stack] = step
        return step

    def enforce(self, stack: str, running: Stoppable) -> None:
        """Takes the step that is due against the operation on a stack."""
        step = self.next_step(stack)
        if step is Step.INTERRUPT:
            running.interrupt()
        elif step is Step.KILL:
            running.kill()

    def explained(self, stack: str, outcome: Outcome) -> Outcome:
        """Returns the outcome of an operation, as a failure if the limit stopped it."""
        if stack not in self._taken or outcome.status.lets_dependents_go_on:
            return outcome
        message = (
            f"stopped after {counted(self.minutes, 'minute')}, the time limit of an operation; run it again to "
            "continue, with a higher --time-limit if it is slow"
        )
        return replace(outcome, status=Status.FAILED, problems=(Problem(message=message), *outcome.problems))
