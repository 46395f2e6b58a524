"""The server process of a directory: the lock that it holds, and the record of its port."""

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

from plinth_sandbox.private import private_directory

STATUS_PATH = "/_sandbox/status"
"""Path that the emulator answers itself. No AWS service uses such a path."""

CLOCK_PATH = "/_sandbox/clock"
"""Path that moves the clock of schedules and fires what is due."""

PROVIDER_PATH = "/_sandbox/provider"
"""Path that receives handshakes with source providers, and pushes to their repositories."""

ISSUER_PATH = "/_sandbox/issuers"
"""Path that receives the keys of token issuers."""

CHARGES_PATH = "/_sandbox/charges"
"""Path that receives charges for Cost Explorer."""

METRICS_PATH = "/_sandbox/metrics"
"""Path that receives the metrics of invocations."""

OUTCOME_PATH = "/_sandbox/outcomes"
"""Path that receives the outcomes of runs."""

KUBERNETES_PATH = "/_sandbox/kubernetes"
"""Path below which API servers of clusters ask who a user is and what it may do."""

_LOCK = "server.lock"
_RECORD = "server.json"
_LOOK_SECONDS = 0.5
"""Seconds to wait for the lock. Commands that inspect the lock also hold it for an instant."""


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
    """Holds the lock of the one process that serves ``directory``. The kernel releases it when the process ends.

    Raises: OccupiedError.
    """
    private_directory(directory)
    lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + _LOOK_SECONDS
        while not _taken(lock, fcntl.LOCK_EX):
            if time.monotonic() > until:
                raise OccupiedError(f"{directory} is already served by process {last_record(directory)}")
            time.sleep(0.05)
        yield
    finally:
        os.close(lock)


def announce(directory: Path, port: int) -> None:
    """Records the port on which this process serves ``directory``."""
    record = ServerRecord(os.getpid(), port, time.time())
    draft = directory / f"{_RECORD}.{record.pid}"
    draft.write_text(json.dumps(asdict(record)))
    draft.replace(directory / _RECORD)


def last_record(directory: Path) -> ServerRecord | None:
    """Returns the record of the last server, which may have ended since."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return ServerRecord(**json.loads((directory / _RECORD).read_text()))
    return None


def running(directory: Path) -> ServerRecord | None:
    """Returns the record of the live server. The lock decides, because another process may have reused the recorded
    process id."""
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
