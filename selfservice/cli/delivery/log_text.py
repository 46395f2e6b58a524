"""Prints a summary and logs, and follows logs until what writes them has ended."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import click

from selfservice.formatting import counted
from selfservice.reports.logs.events import Event, Log, events_of
from selfservice.reports.logs.logged import Logged, Source

POLL_SECONDS = 2.0


def as_json(logged: Logged, source: Source, lines: int) -> str:
    """Returns the document with the summary and the last lines of each log. Raises: RefusedError."""
    logs = [
        {"group": log.group, "stream": log.stream, "lines": [event.text for event in _last(log, lines)[1]]}
        for log in source.logs(logged)
    ]
    document = {"what": logged.what, "id": logged.id, "status": logged.status, "started": logged.started}
    return json.dumps({**document, "summary": list(source.summary(logged)), "logs": logs}, indent=2)


def print_logs(logged: Logged, source: Source, lines: int) -> None:
    """Prints the summary first, then the last lines of each log. Raises: RefusedError."""
    print_head(logged, source.summary(logged))
    logs = source.logs(logged)
    for log in logs:
        total, last = _last(log, lines)
        left_out = total - len(last)
        cut = f", the last {counted(len(last), 'line')} of {total}; --lines {total} prints all" if left_out else ""
        click.echo(f"\n{log.group}  {log.stream}{cut}")
        for event in last:
            click.echo(event.text)
    if not logs:
        click.echo("\nThere is no log.")


def print_head(logged: Logged, summary: Sequence[str]) -> None:
    """Prints what it is, and its summary."""
    click.echo(f"{logged.what}  {logged.id}  {logged.status}  {logged.started}")
    for line in summary:
        click.echo(f"  {line}")


@dataclass
class Follower:
    """Prints the new lines of logs until what writes them has ended."""

    source: Source
    again: Callable[[], Logged]
    """Reads the state of the followed one."""
    _printed: set[tuple[str, str]] = field(default_factory=set, init=False)
    _streams: set[str] = field(default_factory=set, init=False)

    def follow(self) -> Logged:
        """Follows. Returns the last state. Raises: RefusedError."""
        while True:
            logged = self.again()  # before the logs are read, so that the last lines are not missed
            for log in self.source.logs(logged):
                self._print_new(log)
            if not logged.is_under_way:
                return logged
            time.sleep(POLL_SECONDS)

    def _print_new(self, log: Log) -> None:
        for event in events_of(log):
            if (log.stream, event.id) in self._printed:
                continue
            if log.stream not in self._streams:
                click.echo(f"\n{log.group}  {log.stream}")
                self._streams.add(log.stream)
            self._printed.add((log.stream, event.id))
            click.echo(event.text)


def _last(log: Log, lines: int) -> tuple[int, list[Event]]:
    """Returns the number of events and the last ones."""
    total = 0
    last: deque[Event] = deque(maxlen=lines)
    for event in events_of(log):
        total += 1
        last.append(event)
    return total, list(last)
