"""The event log of one operation: written by its worker, followed by whoever wants to know.

JSON lines in a file rather than a pipe: a worker must go on when the command line that started it is gone,
and a later command line must be able to read what happened.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from selfservice.runner.operation import Outcome, Problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """The worker turned to something else: waiting, previewing, updating, ..."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something a person would want to be told, that is no problem."""

    message: str


DRIFT = "drift"
"""In place of a step: a refresh found the resource other than the state says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """The engine began, finished or failed a step on one resource."""

    urn: str
    step: str
    """The engine's word: ``create``, ``update``, ``same``, ...; or :data:`DRIFT`."""
    state: str
    """``started``, ``done`` or ``failed``."""
    detail: str = ""
    """What differs, for a step that changes something: names of properties, never their values."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The last record of a log. A log without it belongs to a worker that runs, or was killed."""

    outcome: Outcome


Record = Phase | Notice | Step | Problem | Finished
_KINDS: dict[str, type[Phase] | type[Notice] | type[Step] | type[Problem]] = {
    kind.__name__: kind for kind in (Phase, Notice, Step, Problem)
}


class EventLog:
    """Writes records, one line each, whole lines only. Safe to use from the engine's event threads."""

    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, record: Record) -> None:
        line = json.dumps({"kind": type(record).__name__, "at": round(time.time(), 3), **asdict(record)})
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()


class EventLogReader:
    """Reads the records of a log that may still be growing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> list[Record]:
        """The records that were completed since the last call."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                fresh = file.read()
        except FileNotFoundError:
            return []
        complete = fresh[: fresh.rfind(b"\n") + 1]
        self._offset += len(complete)
        return [_record(line) for line in complete.splitlines()]


def _record(line: bytes) -> Record:
    body = json.loads(line)
    kind = body.pop("kind")
    del body["at"]
    if kind == Finished.__name__:
        return Finished(outcome=Outcome.from_json(body["outcome"]))
    return _KINDS[kind](**body)
