"""Progress of running stacks: a live picture on a terminal, one line per event otherwise."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from selfservice.cli.formatting import format_outcome
from selfservice.formatting import resource_name
from selfservice.operations.event_log import PREVIEWING, Notice, Phase, Placed, Record, StackProgress, Step
from selfservice.operations.operation import Action, Outcome, Problem
from selfservice.runner.runner import ProgressListener
from selfservice.runner.session import Plan

_HEARTBEAT_SECONDS = 30.0


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
        text = None if rehearsed else record_text(record)
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


@contextmanager
def progress_listener(stream: TextIO, action: Action, plan: Plan) -> Iterator[ProgressListener]:
    """Provides the listener that suits the stream."""
    if not stream.isatty():
        yield PlainProgress(stream, show_preview_steps=action is Action.PREVIEW)
        return
    from rich.console import Console
    from rich.live import Live

    from selfservice.cli.live_progress import LiveProgress

    # The report that follows repeats the last picture in full, so the picture goes.
    with Live(console=Console(file=stream), auto_refresh=False, transient=True) as live:
        yield LiveProgress(live, plan)


def record_text(record: Record) -> str | None:
    """Returns a record as one line of progress; None if it is not shown."""
    match record:
        case Phase(name=name):
            return name
        case Notice(message=message):
            return message
        case Placed(place=place):
            return f"runs {place}"
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
