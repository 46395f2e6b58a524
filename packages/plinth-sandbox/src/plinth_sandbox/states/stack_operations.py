"""Finds running stack operations of the engine by its locks."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class StackOperation:
    stack: str
    pid: int


def locks_in_folder(locks: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields stack and content of each lock of the engine in the folder of a file backend."""
    for path in sorted(locks.rglob("*.json")):
        try:
            yield path.parent.name, json.loads(path.read_text())
        except (OSError, ValueError):
            continue


def running_operations(locks: Iterable[tuple[str, Mapping[str, Any]]]) -> list[StackOperation]:
    """Returns the running operations. A lock of an ended process is ignored; a lock from another machine counts as
    running."""
    found = []
    for stack, content in locks:
        pid = int(content.get("pid", 0))
        if content.get("hostname") != socket.gethostname() or _alive(pid):
            found.append(StackOperation(stack, pid))
    return found


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
