"""The log of a pod: numbered lines with records of the event log and with the output of the engine.

The API returns a log from a second on, so a reader gets some lines twice. Their numbers say which it knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from selfservice.operations.event_log import Record, record_of

_NUMBER, _RECORD, _OUTPUT = "n", "record", "output"


@dataclass(slots=True)
class PodLogWriter:
    """Copies new lines of two files to the log of the pod."""

    event_log: Path
    engine_log: Path
    write: Callable[[str], object]
    _written: int = 0
    _offsets: dict[Path, int] = field(default_factory=dict)

    def copy(self) -> None:
        """Writes the lines that were completed since the last call. What the engine said comes before its records."""
        for file, kind in ((self.engine_log, _OUTPUT), (self.event_log, _RECORD)):
            for line in self._fresh(file):
                self.add(kind, line.decode(errors="replace"))

    def record(self, line: str) -> None:
        """Writes a record that is in neither file, as a line of an event log."""
        self.add(_RECORD, line)

    def add(self, kind: str, text: str) -> None:
        self._written += 1
        self.write(json.dumps({_NUMBER: self._written, kind: text}) + "\n")

    def _fresh(self, file: Path) -> list[bytes]:
        try:
            with file.open("rb") as opened:
                opened.seek(self._offsets.get(file, 0))
                content = opened.read()
        except FileNotFoundError:
            return []
        complete = content[: content.rfind(b"\n") + 1]
        self._offsets[file] = self._offsets.get(file, 0) + len(complete)
        return complete.splitlines()


@dataclass(slots=True)
class PodLogReader:
    """Reads the log of one pod in parts, which overlap."""

    engine_log: Path
    """File to which the output of the engine is appended."""
    since: str = ""
    """Time of the last line, with which the next part is requested. The API cuts it to seconds."""
    _known: int = 0

    def read(self, part: str) -> list[Record]:
        """Returns the new records of a part, each line of which begins with its time (``timestamps=true``).

        Lines without a number are from something else, such as a Python that could not start, and belong to the output.
        """
        records, output = [], []
        for stamped in part.splitlines():
            time, _, line = stamped.partition(" ")
            number, kind, text = _parsed(line)
            if (time <= self.since) if number is None else (number <= self._known):
                continue
            self.since, self._known = max(self.since, time), number or self._known
            if kind == _RECORD:
                records.append(record_of(text))
            else:
                output.append(text)
        if output:
            with self.engine_log.open("a", encoding="utf-8") as file:
                file.writelines(f"{text}\n" for text in output)
        return records


def _parsed(line: str) -> tuple[int | None, str, str]:
    """Returns number, kind and text of a line; no number for a line of something else."""
    try:
        body = json.loads(line)
        kind = _RECORD if _RECORD in body else _OUTPUT
        return int(body[_NUMBER]), kind, str(body[kind])
    except (KeyError, TypeError, ValueError):
        return None, _OUTPUT, line
