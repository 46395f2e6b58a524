"""A lock that lets one worker per machine operate on a stack.

Unlike the engine's own lock, it also covers previews, and waits instead of failing. The kernel releases it when its
owner exits, even if the owner is killed.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_SECONDS = 0.2


class InterruptedOperationError(Exception):
    """Raised if the user interrupts the command before the engine starts."""


@contextmanager
def stack_lock(path: Path, notify: Callable[[str], None], interrupted: threading.Event) -> Iterator[None]:
    """Holds the lock file at ``path`` for the block. Notifies once which operation it waits for.

    Raises: InterruptedOperationError if the command is interrupted while it waits.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        notified = False
        while not _taken(file.fileno()):
            if not notified:
                file.seek(0)
                notify(f"waiting for {file.read().strip() or 'another operation on this stack'}")
                notified = True
            if interrupted.wait(_POLL_SECONDS):
                raise InterruptedOperationError
        file.truncate(0)
        file.write(f"the operation of process {os.getpid()}, begun {time.strftime('%H:%M:%S')}, to finish\n")
        file.flush()
        yield


def is_locked(path: Path) -> bool:
    """Returns whether a command on this machine operates on the stack of the lock file at ``path``."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
