"""What a killed engine leaves running: its providers, in the middle of calls whose results nobody hears.

Every process of an operation inherits a variable that names the operation, so what is left of it is found among the
processes of this machine, and nothing else is taken for it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_VARIABLE = "PLINTH_OPERATION"
_PATIENCE_SECONDS = 5.0
"""Enough for the call that a provider is in; without an engine it is never given another."""
_POLL_SECONDS = 0.1


def operation_variable(lock_path: Path) -> dict[str, str]:
    """The variable by which the processes of a stack's operation are known: its lock is that stack's alone."""
    return {_VARIABLE: str(lock_path)}


def find_orphans(lock_path: Path) -> list[int]:
    """The living processes of operations on the stack. None on a system without /proc."""
    (entry,) = (f"{name}={value}".encode() for name, value in operation_variable(lock_path).items())
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if entry in _environment(process)]


def reap(lock_path: Path, notify: Callable[[str], None], *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait until nothing is left of operations on the stack; what does not end by itself is ended.

    To be called where no engine is at work on the stack, which only its lock can tell.
    """
    if not find_orphans(lock_path):
        return
    notify("waiting for what the killed engine had begun")
    for number, seconds in ((signal.SIGTERM, patience_seconds), (signal.SIGKILL, patience_seconds)):
        if _gone_within(lock_path, seconds):
            return
        for process_id in find_orphans(lock_path):
            with suppress(ProcessLookupError):
                os.kill(process_id, number)
    _gone_within(lock_path, patience_seconds)


def _gone_within(lock_path: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while find_orphans(lock_path):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _environment(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:  # it has just ended, or belongs to somebody else
        return []
