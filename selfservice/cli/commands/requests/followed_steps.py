"""Follows the run of a request from any machine: the steps that its runner records, as the runner shows them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TextIO

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.request_steps import StepRecord, StepState
from selfservice.operations.operation import Outcome, Problem, Status
from selfservice.requests.change_text import step_line
from selfservice.runner.session import Plan

if TYPE_CHECKING:
    from selfservice.cli.live_progress import LiveProgress

_SECONDS = 2.0
"""Time between two looks."""
_STATUSES = {
    StepState.SUCCEEDED: Status.SUCCEEDED,
    StepState.FAILED: Status.FAILED,
    StepState.SKIPPED: Status.SKIPPED,
}

Look = Callable[[], tuple[ChangeRecord, Sequence[StepRecord]]]
"""Reads the request with its steps."""


class _Shown(Protocol):
    def show(self, record: ChangeRecord, steps: Sequence[StepRecord], /) -> None: ...


def follow(look: Look, stream: TextIO, pause: Callable[[float], None] = time.sleep) -> ChangeRecord:
    """Shows a request until it has ended or failed, and returns it."""
    with _picture(stream) as picture:
        while True:
            record, steps = look()
            picture.show(record, steps)
            if record.state.is_final or record.state is ChangeState.FAILED:
                return record
            pause(_SECONDS)


@contextmanager
def _picture(stream: TextIO) -> Iterator[_Shown]:
    """Provides what suits the stream: a picture on a terminal, lines otherwise."""
    if not stream.isatty():
        yield StepLines(stream)
        return
    from rich.console import Console
    from rich.live import Live

    from selfservice.cli.live_progress import LiveProgress

    with Live(console=Console(file=stream), auto_refresh=False, transient=True) as live:
        yield StepPicture(lambda plan: LiveProgress(live, plan))


class StepLines:
    """Prints a line for each change: of the state of the request, and of the state or the phase of a step."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._state = ""
        self._known: dict[str, tuple[str, str]] = {}

    def show(self, record: ChangeRecord, steps: Sequence[StepRecord]) -> None:
        if record.state != self._state:
            self._state = record.state
            print(f"{record.id}: {record.state}", file=self._stream, flush=True)
        for step in steps:
            now = (str(step.state), step.phase)
            if self._known.get(step.name, (StepState.WAITING, "")) != now:
                print(step_line(step), file=self._stream, flush=True)
            self._known[step.name] = now


class StepPicture:
    """Draws the live picture of the runner, with steps in the place of stacks."""

    def __init__(
        self,
        picture: Callable[[Plan], LiveProgress],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._new, self._now = picture, now

    def show(self, _record: ChangeRecord, steps: Sequence[StepRecord]) -> None:
        """Draws all steps anew, because a run that is continued begins again with what has not succeeded."""
        drawn = self._new(Plan(graph={step.name: step.needs for step in steps}, jobs=1, durations={}))
        for step in steps:
            self._show_step(drawn, step)
        drawn.tick()

    def _show_step(self, drawn: LiveProgress, step: StepRecord) -> None:
        if step.state is StepState.RUNNING:
            seconds = (self._now() - datetime.fromisoformat(step.started)).total_seconds()
            drawn.reported(step.name, phase=step.phase or str(step.state), resources=step.resources, seconds=seconds)
        elif step.state.has_ended:
            drawn.finished(step.name, _outcome(step))


def _outcome(step: StepRecord) -> Outcome:
    ended, started = (datetime.fromisoformat(moment) if moment else None for moment in (step.ended, step.started))
    seconds = 0.0 if ended is None or started is None else (ended - started).total_seconds()
    return Outcome(
        status=_STATUSES[step.state],
        resources=int(step.resources) if step.resources.isdigit() else 0,
        seconds=seconds,
        problems=(Problem(message=step.reason),) if step.reason else (),
        held_up_by="another step" if step.state is StepState.SKIPPED else "",
    )
