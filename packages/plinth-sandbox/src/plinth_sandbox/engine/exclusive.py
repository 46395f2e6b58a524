"""A lock that allows one run at a time and is released when its holder ends, even if the holder is killed."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.progress import Step

RETRY_SECONDS = 0.2


@asynccontextmanager
async def exclusively(directory: Path, step: Step) -> AsyncIterator[int]:
    """Holds the lock on ``directory``, which is created if necessary, and yields the lock's descriptor.

    ``step`` shows that this run waits for another one.

    The kernel releases the lock with the last process that holds the descriptor. Work started with the descriptor
    (``pass_fds``) therefore keeps a second run waiting even if this process is killed.

    Raises: SetUpError if the directory cannot be created or written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory, os.O_RDONLY)
    except OSError as error:
        raise _unusable(directory, error.strerror or str(error)) from error
    if not os.access(directory, os.W_OK):
        os.close(lock)
        raise _unusable(directory, "you have no permission to write there")
    try:
        if not _taken(lock):
            step.say("waiting for another run")
            while not _taken(lock):
                step.at("waiting for another run")
                await asyncio.sleep(RETRY_SECONDS)
        yield lock
    finally:
        os.close(lock)


def _unusable(directory: Path, reason: str) -> SetUpError:
    return SetUpError(
        f"{directory} cannot be used: {reason}",
        fix="make it writable, or set XDG_CACHE_HOME to another directory",
    )


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
