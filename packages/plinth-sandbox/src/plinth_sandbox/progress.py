"""Shows a person the progress of long work: the step, the part done and the time.

On a terminal, the running steps share one line that is redrawn. Elsewhere, each step writes a plain line now and then.
All output goes to standard error and leaves a command's standard output clean.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

PLAIN_INTERVAL_SECONDS = 10.0
"""Interval between two lines of one step if lines cannot be redrawn. It is long enough for a CI log."""


class Step:
    """One step in progress."""

    def __init__(self, name: str, progress: Progress) -> None:
        self.name = name
        self._progress = progress
        self._started = progress.clock()
        self._stage_started = self._started
        self._stage = ""
        self._done = 0
        self._total = 0
        self._written_at = self._started

    def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Records that the step is at ``stage``, with ``done`` of ``total`` completed. A total of 0 means unknown."""
        if stage != self._stage:
            self._stage, self._stage_started = stage, self._progress.clock()
        self._done, self._total = done, total
        self._progress.changed(self)

    def say(self, text: str) -> None:
        """Prints a line about a finding or choice, which stays on the screen."""
        self._progress.say(f"{self.name}: {text}")

    def due(self) -> bool:
        """Returns whether a plain line is due, and restarts the interval if so."""
        now = self._progress.clock()
        if now - self._written_at < PLAIN_INTERVAL_SECONDS:
            return False
        self._written_at = now
        return True

    def __str__(self) -> str:
        parts = [f"{self.name}: {self._stage}".rstrip(": ")]
        if self._total:
            parts.append(f"{self._done:,} of {self._total:,}")
        parts.append(duration(self.elapsed_seconds) + self._remaining())
        return ", ".join(parts)

    @property
    def elapsed_seconds(self) -> float:
        return self._progress.clock() - self._started

    def _remaining(self) -> str:
        spent = self._progress.clock() - self._stage_started
        # An estimate from the first few per cent would mislead.
        if not self._total or self._done * 20 < self._total or self._done >= self._total or spent < 2:
            return ""
        return f" (about {duration(spent / self._done * (self._total - self._done))} left)"


class Progress:
    """The output on which steps are shown."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._redraws = self._stream.isatty()
        self._steps: list[Step] = []
        self.clock = clock

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Shows a step while it runs, and its duration if it succeeds."""
        step = Step(name, self)
        self._steps.append(step)
        try:
            yield step
            self.say(f"{name}: done in {duration(step.elapsed_seconds)}")
        finally:
            self._steps.remove(step)
            self._redraw()

    def say(self, line: str) -> None:
        self._write(f"{line}\n")
        self._redraw()

    def changed(self, step: Step) -> None:
        if self._redraws:
            self._redraw()
        elif step.due():
            self._write(f"{step}\n")

    def _redraw(self) -> None:
        if self._redraws:
            width = shutil.get_terminal_size().columns - 1
            self._write(" | ".join(map(str, self._steps))[:width])

    def _write(self, text: str) -> None:
        self._stream.write(f"\r\033[K{text}" if self._redraws else text)
        self._stream.flush()


def duration(seconds: float) -> str:
    """Formats seconds for a status line: ``8 s``, ``2 min 5 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
