"""Finds and stops processes left running by a killed engine: providers, policy packs and the program.

Every process of an operation inherits an environment variable that names the stack lock. This identifies the orphaned
processes of a stack. Calls of a provider may still complete, so the caller looks up the resources afterwards.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from selfservice.engine.locks.engine_process import is_engine

_VARIABLE = "PLINTH_OPERATION"
_PATIENCE_SECONDS = 5.0
"""Time for the current call of a provider. It receives no further calls without an engine."""
_POLL_SECONDS = 0.1


def operation_variable(lock_path: Path) -> dict[str, str]:
    """Returns the environment variable that marks the processes of operations on a stack."""
    return {_VARIABLE: str(lock_path)}


def find_orphans(lock_path: Path) -> list[int]:
    """Returns the running processes of operations on the stack. The list is empty on a system without /proc."""
    (entry,) = (f"{name}={value}".encode() for name, value in operation_variable(lock_path).items())
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if entry in _environment(process)]


def processes_by_stack(locks: Path) -> dict[str, list[int]]:
    """Returns the running processes of operations by stack. ``locks`` is the folder with the stack locks of a project.

    One pass over /proc finds the processes of all stacks.
    """
    prefix = f"{_VARIABLE}={locks}{os.sep}".encode()
    found: dict[str, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        for entry in _environment(process):
            if entry.startswith(prefix):
                found.setdefault(entry[len(prefix) :].decode(), []).append(int(process.name))
    return found


def reap_without_engine(
    lock_path: Path, notify: Callable[[str], None], *, patience_seconds: float = _PATIENCE_SECONDS
) -> None:
    """Stops the orphaned processes of the stack if no engine of an earlier operation still runs.

    Call it while holding the stack lock and before an engine is started. An engine outlives its killed worker, so it
    may still need its processes.
    """
    processes = find_orphans(lock_path)
    if processes and not any(is_engine(process) for process in processes):
        reap(lock_path, notify, patience_seconds=patience_seconds)


def reap(lock_path: Path, notify: Callable[[str], None], *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
    """Waits for the orphaned processes of the stack to end, and stops those that do not.

    Call it only while holding the stack lock and when no engine operates on the stack.
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
    except OSError:  # it has just ended, or runs as another user
        return []
