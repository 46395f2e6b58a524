"""Finds running stack operations of the engine by their locks in Pulumi's file backend."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StackOperation:
    stack: str
    pid: int


def running_operations(locks: Path) -> list[StackOperation]:
    """Returns the running operations. A lock of an ended process is ignored; a lock from another machine counts as
    running."""
    found = []
    for path in sorted(locks.rglob("*.json")):
        try:
            content = json.loads(path.read_text())
        except (OSError, ValueError):
            continue
        pid = int(content.get("pid", 0))
        if content.get("hostname") != socket.gethostname() or _alive(pid):
            found.append(StackOperation(path.parent.name, pid))
    return found


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
