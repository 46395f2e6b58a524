"""The server process as others see it: which one serves a directory, and where it listens."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

STATUS_PATH = "/_sandbox/status"
"""Answered by the emulator itself; no AWS service has such a path."""

OUTCOME_PATH = "/_sandbox/outcomes"
"""Told what something came to that was run."""

LASTING_PORTS = range(20_000, 30_000)
"""Below those that systems give to outgoing connections (from 32768 on Linux, from 49152 on macOS), so that a server
that stops finds its port free when it starts again."""

_LOCK = "server.lock"
_RECORD = "server.json"
_LOOK_SECONDS = 0.5
"""A look at the lock holds it for an instant, so whoever wants to serve tries a little longer than that."""


@dataclass(frozen=True, slots=True)
class ServerRecord:
    pid: int
    port: int
    started: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class OccupiedError(Exception):
    """Another process serves the directory."""


@contextmanager
def occupy(directory: Path) -> Iterator[None]:
    """Be the one process that serves ``directory``. The kernel ends that with the process, however it ends.

    Raises: OccupiedError.
    """
    directory.mkdir(parents=True, exist_ok=True)
    lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + _LOOK_SECONDS
        while not _taken(lock, fcntl.LOCK_EX):
            if time.monotonic() > until:
                raise OccupiedError(f"{directory} is served already, by process {last_record(directory)}")
            time.sleep(0.05)
        yield
    finally:
        os.close(lock)


def announce(directory: Path, port: int) -> None:
    """Say where this process serves ``directory``."""
    record = ServerRecord(os.getpid(), port, time.time())
    draft = directory / f"{_RECORD}.{record.pid}"
    draft.write_text(json.dumps(asdict(record)))
    draft.replace(directory / _RECORD)


def last_record(directory: Path) -> ServerRecord | None:
    """The server that announced itself last; it may have ended since."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return ServerRecord(**json.loads((directory / _RECORD).read_text()))
    return None


def running(directory: Path) -> ServerRecord | None:
    """The server that is alive, going by its lock: a recorded process id may belong to somebody else by now."""
    try:
        lock = os.open(directory / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        return None if _taken(lock, fcntl.LOCK_SH) else last_record(directory)
    finally:
        os.close(lock)


def _taken(lock: int, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
