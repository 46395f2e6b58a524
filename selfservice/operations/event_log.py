"""The operation event log: its worker writes it, and the command line follows it.

The log is a file of JSON lines instead of a pipe. A worker must continue after the command line that started it has
exited, and a later command must be able to read what happened.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from selfservice.operations.operation import Outcome, Problem
from settings.types.redaction import redacted


@dataclass(frozen=True, kw_only=True, slots=True)
class Phase:
    """The start of a phase of the operation: waiting, previewing, updating and so on."""

    name: str


PREVIEWING = "previewing"
"""The phase in which a worker previews a stack."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A message for the user that is not an error."""

    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """The place of an operation, if its command has more than one for operations."""

    place: str
    """The place in words, with the reason if it is not the preferred one."""


DRIFT = "drift"
"""The step of a resource that a refresh found different from the state."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """The start, the end or the failure of one step on one resource."""

    urn: str
    step: str
    """The engine's name of the step (``create``, ``update``, ``same``), or :data:`DRIFT`."""
    state: str
    """``started``, ``done`` or ``failed``."""
    detail: str = ""
    """Names of the changed properties, never their values."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finished:
    """The last record of a log. If it is missing, the worker is still running or was killed."""

    outcome: Outcome


Record = Phase | Notice | Placed | Step | Problem | Finished
_KINDS: dict[str, type[Phase] | type[Notice] | type[Placed] | type[Step] | type[Problem]] = {
    kind.__name__: kind for kind in (Phase, Notice, Placed, Step, Problem)
}


_MESSAGES = ("message", "detail")
"""Fields with what programs, providers and AWS say."""


class EventLog:
    """Writes one complete line per record. Safe to use from the engine's event threads."""

    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("a", encoding="utf-8")
        self._lock = threading.Lock()

    def write(self, record: Record) -> None:
        line = line_of(record)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()


def line_of(record: Record) -> str:
    """Returns the line of a record, without the end of the line. Credentials in messages are hidden.

    Everything that a worker reports passes here, so no result, step or record repeats what a program printed.
    """
    return json.dumps({"kind": type(record).__name__, "at": round(time.time(), 3), **_redacted(asdict(record))})


def _redacted(value: Any) -> Any:
    """Returns a document with the credentials in its messages hidden."""
    if isinstance(value, dict):
        return {
            key: redacted(inner) if key in _MESSAGES and isinstance(inner, str) else _redacted(inner)
            for key, inner in value.items()
        }
    return [_redacted(inner) for inner in value] if isinstance(value, list | tuple) else value


class EventLogReader:
    """Reads a log that may still grow."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read(self) -> list[Record]:
        """Returns the records that were completed since the last call."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                fresh = file.read()
        except FileNotFoundError:
            return []
        complete = fresh[: fresh.rfind(b"\n") + 1]
        self._offset += len(complete)
        return [record_of(line) for line in complete.splitlines()]


def record_of(line: str | bytes) -> Record:
    """Returns the record of one line of a log."""
    body = json.loads(line)
    kind = body.pop("kind")
    del body["at"]
    if kind == Finished.__name__:
        return Finished(outcome=Outcome.from_json(body["outcome"]))
    return _KINDS[kind](**body)


@dataclass(slots=True)
class StackProgress:
    """Progress of one operation, as its records tell it."""

    began: float
    phase: str = "starting"
    total: int = 0
    """Number of resources in the preview; 0 if not known yet."""
    seen: set[str] = field(default_factory=set)
    causes: set[str] = field(default_factory=set)
    """Causes of the errors so far."""
    told: float = 0.0
    reported: str = ""
    """How many resources are done as another process has reported it. Empty for an operation of this process."""

    def take(self, record: Record) -> bool:
        """Applies a record. Returns False if it is a repetition: the engine reports some steps twice, and resources can
        fail for one cause."""
        if isinstance(record, Phase):
            self.total = max(self.total, len(self.seen))
            self.phase, self.seen = record.name, set()
        elif isinstance(record, Step) and record.state == "done" and record.step != DRIFT:
            if record.urn in self.seen:
                return False
            self.seen.add(record.urn)
        elif isinstance(record, Problem) and not record.rule:
            if record.cause in self.causes:
                return False
            self.causes.add(record.cause)
        return True

    @property
    def resources(self) -> str:
        return self.reported or (f"{len(self.seen)}/{self.total}" if self.total else str(len(self.seen)))
