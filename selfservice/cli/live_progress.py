"""The live picture of a command on a terminal: it always fits, and shows running stacks first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from selfservice.cli.progress import record_text
from selfservice.operations.event_log import Notice, Record, StackProgress
from selfservice.operations.operation import Outcome, Problem
from selfservice.runner.durations import remaining_seconds
from selfservice.runner.session import Plan

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

_REDRAW_SECONDS = 0.25
_ESTIMATE_SECONDS = 5.0
"""Time between two estimates of the remaining time. An estimate takes a second for ten thousand stacks."""
_FRAME_LINES = 3
"""Lines for the headings, the summary and the cursor."""
_WIDEST = 100
"""Most characters of a line, so that eyes find the state of a stack on wide terminals too."""
_WIDTHS = (10, 9, 7)
"""Columns of state, resources and elapsed time. The name of the stack gets the rest."""


class LiveProgress:
    """Redraws the picture and prints notices and problems above it.

    Rows are, in this order, running stacks, stacks that failed or were refused, waiting stacks with those that they
    wait for, and stacks that ended, each until the terminal is full. The last line counts all stacks and estimates the
    remaining time.
    """

    def __init__(self, live: Live, plan: Plan, clock: Callable[[], float] = time.monotonic) -> None:
        self._live = live
        self._plan = plan
        self._clock = clock
        self._drawn = 0.0
        self._running: dict[str, StackProgress] = {}
        self._ended: dict[str, Outcome] = {}
        self._estimated: float | None = None
        """When the remaining time was estimated last."""
        self._end: float | None = None
        """The end that was estimated then; None if it is not known."""

    def started(self, stack: str) -> None:
        self._running[stack] = StackProgress(began=self._clock())

    def recorded(self, stack: str, record: Record) -> None:
        is_new = self._running[stack].take(record)
        if is_new and isinstance(record, Notice | Problem):
            self._live.console.print(f"{stack}: {record_text(record)}", markup=False, highlight=False)

    def reported(self, stack: str, *, phase: str, resources: str, seconds: float) -> None:
        """Another process has reported how far it is, so many seconds after the start."""
        self._running[stack] = StackProgress(began=self._clock() - seconds, phase=phase, reported=resources)

    def finished(self, stack: str, outcome: Outcome) -> None:
        self._running.pop(stack, None)
        self._ended[stack] = outcome

    def tick(self) -> None:
        now = self._clock()
        if now - self._drawn >= _REDRAW_SECONDS or not self._running:
            self._drawn = now
            self._live.update(self._picture(now), refresh=True)

    def _picture(self, now: float) -> Text:
        from rich.text import Text

        width = min(self._live.console.width, _WIDEST)
        rows = max(1, self._live.console.height - _FRAME_LINES)
        lines = [Text(_line(width, "stack", "state", "resources", "elapsed"), style="dim")]
        lines += [Text(_line(width, *cells), style=style) for style, cells in islice(self._rows(now), rows)]
        lines.append(Text(_cut(self._summary(now), width), style="bold"))
        return Text("\n", no_wrap=True).join(lines)

    def _rows(self, now: float) -> Iterator[tuple[str, tuple[str, str, str, str]]]:
        """Yields the style and the cells of each stack, the most important first."""
        for stack, progress in self._running.items():
            yield "bold", (stack, progress.phase, progress.resources, _seconds(now - progress.began))
        newest = list(reversed(self._ended.items()))
        failed = ((stack, outcome) for stack, outcome in newest if _is_root(outcome))
        for stack, outcome in failed:
            yield "red", (stack, outcome.status, str(outcome.resources), _seconds(outcome.seconds))
        for stack in self._plan.graph:
            if stack not in self._running and stack not in self._ended:
                yield "dim", (self._with_needs(stack), "waiting", "", "")
        good = ((stack, outcome) for stack, outcome in newest if outcome.status.lets_dependents_go_on)
        held_up = ((stack, outcome) for stack, outcome in newest if outcome.held_up_by)
        for stack, outcome in chain(good, held_up):
            style = "green" if outcome.status.lets_dependents_go_on else "dim"
            yield style, (stack, outcome.status, str(outcome.resources), _seconds(outcome.seconds))

    def _with_needs(self, stack: str) -> str:
        """Returns a waiting stack with those that it waits for."""
        needs = [need for need in dict.fromkeys(self._plan.graph[stack]) if need not in self._ended]
        return f"{stack} after {', '.join(needs)}" if needs else stack

    def _summary(self, now: float) -> str:
        failed = sum(1 for outcome in self._ended.values() if _is_root(outcome))
        held_up = sum(1 for outcome in self._ended.values() if outcome.held_up_by)
        counts = [
            f"{len(self._ended)} of {len(self._plan.graph)} stacks ended",
            f"{len(self._running)} running",
            *([f"{failed} failed"] if failed else []),
            *([f"{held_up} held up"] if held_up else []),
        ]
        return ", ".join(counts) + self._time_left(now)

    def _time_left(self, now: float) -> str:
        """Returns the remaining time; empty if a stack that did not end yet was never timed."""
        if self._estimated is None or now - self._estimated >= _ESTIMATE_SECONDS:
            left = {stack: needs for stack, needs in self._plan.graph.items() if stack not in self._ended}
            running = {stack: now - progress.began for stack, progress in self._running.items()}
            seconds = remaining_seconds(left, self._plan.durations, running, limit=self._plan.jobs)
            self._estimated = now
            self._end = None if seconds is None else now + seconds
        if self._end is None or len(self._ended) == len(self._plan.graph):
            return ""
        minutes = (self._end - now) / 60
        return "; less than a minute left" if minutes < 1 else f"; about {minutes:.0f} min left"


def _is_root(outcome: Outcome) -> bool:
    """Returns whether the stack itself failed, was refused or was interrupted."""
    return not outcome.status.lets_dependents_go_on and not outcome.held_up_by


def _line(width: int, stack: str, state: str, resources: str, elapsed: str) -> str:
    """Returns one line of the picture, at most ``width`` characters wide."""
    numbers = f"{state[: _WIDTHS[0]]:<{_WIDTHS[0]}}  {resources:>{_WIDTHS[1]}}  {elapsed:>{_WIDTHS[2]}}"
    room = width - len(numbers) - 2
    return _cut(f"{_cut(stack, room):<{room}}  {numbers}" if room > 0 else stack, width)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(0, width - 1)]}…"


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s"
