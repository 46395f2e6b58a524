"""Prints what has changed since the last look, and from time to time what lasts."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import click

HEARTBEAT_SECONDS = 30.0
"""Time without a change after which a line says what lasts."""


@dataclass
class Changes:
    """Lines that were printed while builds, runs or promotions are followed."""

    err: bool
    """Whether it is printed to the standard error stream."""
    _printed: set[str] = field(default_factory=set, init=False)
    _changed: float = field(default_factory=time.monotonic, init=False)
    _told: float = field(default_factory=time.monotonic, init=False)

    def show(self, lines: Iterable[str]) -> None:
        """Prints the lines that were not printed before."""
        for line in lines:
            if line not in self._printed:
                self._printed.add(line)
                click.echo(line, err=self.err)
                self._changed = self._told = time.monotonic()

    def remind(self, lines: Iterable[str]) -> None:
        """Prints what lasts if nothing was printed for a while. Otherwise, the lines are not even computed."""
        if (now := time.monotonic()) - self._told >= HEARTBEAT_SECONDS:
            for line in lines:
                click.echo(line, err=self.err)
            self._told = now

    @property
    def seconds_without(self) -> float:
        """Seconds since the last change."""
        return time.monotonic() - self._changed
