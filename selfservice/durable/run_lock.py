"""The lock of a run: one process of all machines that share a database works on it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from selfservice.errors import RefusedError

_LOOK_SECONDS = 1.0
"""Time between two looks at the connection that holds the lock of the database."""
_SERVER_SETTINGS = "set tcp_keepalives_idle = 60; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3"
"""The server notices within 90 seconds that a machine has disappeared, and releases its locks. By default, Linux takes
more than two hours. https://www.postgresql.org/docs/current/runtime-config-connection.html"""
_UNANSWERED_MILLISECONDS = 30_000
"""Time after which this process gives up an unanswered connection. It is shorter than that of the server, so that a run
is asked to stop before another machine can begin."""


class RunIsLockedError(RefusedError):
    """Another process works on the run."""


@contextmanager
def run_lock(run_id: str, folder: Path, url: str) -> Iterator[Callable[[], bool]]:
    """Holds the lock of a run, and yields a function that returns whether it is still held.

    Without ``url``, the connection string of a PostgreSQL database, only processes that use the same folder exclude
    each other. The kernel and PostgreSQL release the locks when the process ends.

    Raises: RunIsLockedError if another process holds the lock.
    """
    with _folder_lock(folder):
        if not url:
            yield lambda: True
            return
        with _database_lock(run_id, url) as is_held:
            yield is_held


@contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    with open(folder / "lock", "w", opener=_private) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunIsLockedError("another process of this machine works on this run") from None
        yield


@contextmanager
def _database_lock(run_id: str, url: str) -> Iterator[Callable[[], bool]]:
    """Holds an advisory lock of the database. It belongs to a session, so a lost connection is a lost lock."""
    import psycopg  # only with PostgreSQL

    number = int.from_bytes(hashlib.sha256(f"plinth {run_id}".encode()).digest()[:8], signed=True)
    connection = psycopg.connect(url, autocommit=True, tcp_user_timeout=_UNANSWERED_MILLISECONDS)
    looked = time.monotonic()

    def is_held() -> bool:
        nonlocal looked
        if time.monotonic() - looked >= _LOOK_SECONDS:
            looked = time.monotonic()
            try:
                connection.execute("select 1")
            except psycopg.OperationalError:
                return False
        return not connection.closed

    with closing(connection):
        connection.execute(_SERVER_SETTINGS)
        if connection.execute("select pg_try_advisory_lock(%s)", (number,)).fetchone() != (True,):
            raise RunIsLockedError("another process works on this run")
        try:
            yield is_held
        finally:
            # The same machine may continue the run at once, and the end of a connection takes effect later.
            with suppress(psycopg.OperationalError):  # the connection is lost, and the lock with it
                connection.execute("select pg_advisory_unlock(%s)", (number,))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
