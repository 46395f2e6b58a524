"""The emulator journal: all changing calls on disk, in order. It is the emulator's whole persistent state.

The file has one JSON object per line. A call is appended before it runs. A partial line of a killed process belongs to
a call that was never answered, so it is cut off. A call that was refused gets a second line. It changed nothing, and is
not repeated, because a newer version of the sandbox might accept it.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.emulator.message import Request
from plinth_sandbox.private import private_directory, private_file

_REFUSED = b'{"refused"'
"""Beginning of the line about a refused call."""


@dataclass(frozen=True, slots=True)
class Entry:
    index: int
    moment: float
    """Seconds since the epoch. The call sees this time when it first runs and at every replay."""
    request: Request


class Journal:
    """The journal file of one sandbox. Not thread-safe: the emulator holds its lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seed = secrets.token_hex(8)
        self.length = 0
        private_directory(path.parent)
        if path.exists() and b"\n" in path.read_bytes():
            self._open()
        else:
            with private_file(path, "w") as file:
                file.write(json.dumps({"seed": self.seed}) + "\n")
        self._file = path.open("ab", buffering=0)

    def _open(self) -> None:
        with self._path.open("r+b") as file:
            content = file.read()
            whole = content.rfind(b"\n") + 1
            file.truncate(whole)
        header, *lines = content[:whole].splitlines()
        self.seed = str(json.loads(header)["seed"])
        last = next((line for line in reversed(lines) if not line.startswith(_REFUSED)), None)
        self.length = 0 if last is None else json.loads(last)["index"] + 1

    def append(self, moment: float, request: Request) -> Entry:
        entry = Entry(self.length, moment, request)
        record = {"index": entry.index, "moment": moment, **request.as_json()}
        self._write(json.dumps(record).encode("utf-8") + b"\n")
        self.length += 1
        return entry

    def refuse(self, entry: Entry) -> None:
        """Records that a call was refused."""
        self._write(json.dumps({"refused": entry.index}).encode("utf-8") + b"\n")

    def _write(self, line: bytes) -> None:
        """Writes the whole line or nothing. A partial line in the middle would make all following lines unreadable."""
        end = self._path.stat().st_size
        try:
            written = self._file.write(line)
            if written != len(line):
                raise OSError(errno.ENOSPC, "no space left for the journal", str(self._path))
        except OSError:
            self._file.truncate(end)
            raise

    def entries(self) -> Iterator[Entry]:
        """Yields the calls to repeat."""
        with self._path.open("rb") as file:
            refused = {json.loads(line)["refused"] for line in file if line.startswith(_REFUSED)}
            file.seek(0)
            next(file)
            for line in file:
                if line.startswith(_REFUSED):
                    continue
                record = json.loads(line)
                if record["index"] in refused:
                    continue
                yield Entry(record["index"], record["moment"], Request.from_json(record))

    def close(self) -> None:
        os.fsync(self._file.fileno())
        self._file.close()


def requests_in(path: Path) -> Iterator[Request]:
    """Yields the requests of all changing calls in a journal file, refused ones included."""
    return (Request.from_json(json.loads(line)) for line in _calls(path))


def calls_in(path: Path) -> int:
    """Returns the number of changing calls in a journal file, refused ones included."""
    return sum(1 for _ in _calls(path))


def _calls(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        next(file)
        yield from (line for line in file if not line.startswith(_REFUSED))
