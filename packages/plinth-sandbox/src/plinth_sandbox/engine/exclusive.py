"""One run at a time: a lock that ends with its holder, however that ends."""

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
    """Hold the lock on ``directory``, made if need be, and give the lock's descriptor.

    ``step`` shows the waiting where another run holds it.

    The kernel drops the lock with the last process that holds the descriptor. Work started with it
    (``pass_fds``) therefore keeps a second run waiting even when this one is killed outright.

    Raises: SetUpError where the directory cannot be made or written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory, os.O_RDONLY)
    except OSError as error:
        raise _unusable(directory, error.strerror or str(error)) from error
    if not os.access(directory, os.W_OK):
        os.close(lock)
        raise _unusable(directory, "you may not write there")
    try:
        if not _taken(lock):
            step.say("another run is at it; waiting for that one")
            while not _taken(lock):
                step.at("waiting for another run")
                await asyncio.sleep(RETRY_SECONDS)
        yield lock
    finally:
        os.close(lock)


def _unusable(directory: Path, reason: str) -> SetUpError:
    return SetUpError(
        f"{directory} cannot be used: {reason}",
        fix="make it yours; XDG_CACHE_HOME names another place for the engine",
    )


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
