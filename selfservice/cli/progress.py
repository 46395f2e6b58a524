"""Progress of running stacks: a live table on a terminal, one line per event otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TextIO

from selfservice.cli.formatting import format_outcome, resource_name
from selfservice.runner.event_log import DRIFT, Notice, Phase, Record, Step
from selfservice.runner.operation import Outcome, Problem

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live
    from rich.table import Table

PREVIEWING = "previewing"
_HEARTBEAT_SECONDS = 30.0
_REDRAW_SECONDS = 0.25
_FRAME_LINES = 3
"""Lines for the headings, the summary and the cursor."""


@dataclass(slots=True)
class StackProgress:
    """Progress of one operation."""

    began: float
    phase: str = "starting"
    total: int = 0
    """Number of resources in the preview; 0 if not known yet."""
    seen: set[str] = field(default_factory=set)
    told: float = 0.0

    def take(self, record: Record) -> bool:
        """Applies a record. Returns False if it is a repetition, because the engine reports some steps twice."""
        if isinstance(record, Phase):
            self.total = max(self.total, len(self.seen))
            self.phase, self.seen = record.name, set()
        elif isinstance(record, Step) and record.state == "done" and record.step != DRIFT:
            if record.urn in self.seen:
                return False
            self.seen.add(record.urn)
        return True

    @property
    def resources(self) -> str:
        return f"{len(self.seen)}/{self.total}" if self.total else str(len(self.seen))


class PlainProgress:
    """Prints timestamped lines, for pipes, logs and CI."""

    def __init__(self, stream: TextIO, *, show_preview_steps: bool, clock: Callable[[], float] = time.time) -> None:
        """``show_preview_steps``: whether to print a line for each step of a preview, too."""
        self._stream = stream
        self._show_preview_steps = show_preview_steps
        self._clock = clock
        self._running: dict[str, StackProgress] = {}

    def started(self, stack: str) -> None:
        self._running[stack] = StackProgress(began=self._clock(), told=self._clock())

    def recorded(self, stack: str, record: Record) -> None:
        progress = self._running[stack]
        if not progress.take(record):
            return
        rehearsed = isinstance(record, Step) and progress.phase == PREVIEWING and not self._show_preview_steps
        text = None if rehearsed else _as_text(record)
        if text:
            how_far = f"{progress.resources} " if isinstance(record, Step) and progress.total else ""
            self._line(stack, how_far + text)

    def finished(self, stack: str, outcome: Outcome) -> None:
        self._running.pop(stack, None)
        self._line(stack, format_outcome(outcome))

    def tick(self) -> None:
        now = self._clock()
        for stack, progress in self._running.items():
            if now - progress.told >= _HEARTBEAT_SECONDS:
                self._line(
                    stack, f"still {progress.phase}, {progress.resources} resources, {now - progress.began:.0f} s"
                )

    def _line(self, stack: str, text: str) -> None:
        now = self._clock()
        if stack in self._running:
            self._running[stack].told = now
        self._stream.write(f"{time.strftime('%H:%M:%S', time.localtime(now))} {stack}: {text}\n")
        self._stream.flush()


class LiveProgress:
    """Redraws a table and prints notices and problems above it.

    If there are more stacks than lines, the table shows the running ones and those that ended last.
    """

    def __init__(self, live: Live, stacks: Mapping[str, object], clock: Callable[[], float] = time.monotonic) -> None:
        self._live = live
        self._clock = clock
        self._drawn = 0.0
        self._running: dict[str, StackProgress] = {}
        self._ended: dict[str, Outcome] = {}
        self._stacks = list(stacks)

    def started(self, stack: str) -> None:
        self._running[stack] = StackProgress(began=self._clock())

    def recorded(self, stack: str, record: Record) -> None:
        self._running[stack].take(record)
        if isinstance(record, Notice | Problem):
            self._live.console.print(f"{stack}: {_as_text(record)}", markup=False, highlight=False)

    def finished(self, stack: str, outcome: Outcome) -> None:
        self._running.pop(stack, None)
        self._ended[stack] = outcome

    def tick(self) -> None:
        now = self._clock()
        if now - self._drawn >= _REDRAW_SECONDS or not self._running:
            self._drawn = now
            self._live.update(self._view(now), refresh=True)

    def _view(self, now: float) -> RenderableType:
        from rich.console import Group

        room = self._live.console.height - _FRAME_LINES
        if len(self._stacks) <= room:
            return self._table(self._stacks, now)
        newest = reversed(list(islice(reversed(self._ended), max(0, room - len(self._running)))))
        waiting = len(self._stacks) - len(self._running) - len(self._ended)
        summary = f"{len(self._ended)} of {len(self._stacks)} stacks ended, {waiting} are waiting"
        return Group(self._table([*newest, *self._running], now), summary)

    def _table(self, stacks: Iterable[str], now: float) -> Table:
        from rich.table import Table

        table = Table("stack", "state", "resources", "elapsed", box=None, pad_edge=False)
        for stack in stacks:
            if stack in self._running:
                progress = self._running[stack]
                table.add_row(stack, progress.phase, progress.resources, f"{now - progress.began:.0f} s", style="bold")
            elif stack in self._ended:
                outcome = self._ended[stack]
                style = "green" if outcome.status.lets_dependents_go_on else "red"
                table.add_row(stack, outcome.status, str(outcome.resources), f"{outcome.seconds:.0f} s", style=style)
            else:
                table.add_row(stack, "waiting", "", "", style="dim")
        return table


def _as_text(record: Record) -> str | None:
    match record:
        case Phase(name=name):
            return name
        case Notice(message=message):
            return message
        case Problem(message=message):
            return f"error: {message}"
        case Step(step="same" | "read"):
            return None
        case Step(state="started"):
            return None
        case Step(urn=urn, step=step, state=state, detail=detail):
            failed = " failed" if state == "failed" else ""
            return f"{step}{failed} {resource_name(urn)}" + (f" ({detail})" if detail else "")
    return None
