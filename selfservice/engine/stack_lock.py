"""Taking turns on a stack between the workers of one machine.

The engine's own lock only covers updates, and only refuses. This one is held from the preview on, is waited for,
and is let go by the kernel however its holder dies.
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
    """Raised when a person asked to stop before the engine had begun."""


@contextmanager
def stack_lock(path: Path, notify: Callable[[str], None], interrupted: threading.Event) -> Iterator[None]:
    """Hold the lock file at ``path`` for the body; says whom it waits for, once.

    Raises: InterruptedOperationError when asked to stop while waiting.
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


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
