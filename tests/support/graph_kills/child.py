"""Stands for the operation on a stack: holds the lock of its key while it works, and survives its parent.

A child whose parent was killed works until another child waits for its lock, so that each of them meets its successor.
Runs as a script with the standard library alone, because a suite starts hundreds of them.
"""

import fcntl
import hashlib
import os
import sys
import time
from pathlib import Path

_WORK_SECONDS = 0.15
_PATIENCE_SECONDS = 120.0
"""Longest wait for a successor, in case that the graph has failed."""


def main() -> None:
    folder, node, key, *needed = sys.argv[1:]
    parent = os.getppid()
    log = os.open(Path(folder, "log"), os.O_WRONLY | os.O_APPEND)

    def write(event: str) -> None:
        os.write(log, f"{event} {node} {os.getpgrp()} {os.getpid()} {time.monotonic()}\n".encode())

    with Path(folder, f"{key}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            write("waited")
            fcntl.flock(lock, fcntl.LOCK_EX)
        write("started")
        time.sleep(_WORK_SECONDS)
        patience = time.monotonic() + _PATIENCE_SECONDS
        while os.getppid() != parent and not _is_awaited(folder, key) and time.monotonic() < patience:
            time.sleep(_WORK_SECONDS)
        draft = Path(folder, f"{node}.{os.getpid()}")
        draft.write_text(hashlib.sha256(" ".join([node, *needed]).encode()).hexdigest(), encoding="ascii")
        draft.replace(Path(folder, f"{node}.result"))
        write("ended")


def _is_awaited(folder: str, key: str) -> bool:
    """Returns whether the last child of the key to write to the log waits for the lock."""
    lines = [line.split() for line in Path(folder, "log").read_text(encoding="ascii").splitlines()]
    events = [event for event, node, *_ in lines if node.endswith(f"-{key}") and event != "launched"]
    return events[-1] == "waited"


if __name__ == "__main__":
    main()
