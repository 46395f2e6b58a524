"""The process that works on a request, and whether it has ended."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

_STATE, _START = 0, 19
"""Places of the state and the start time after the name in ``/proc/<pid>/stat`` (proc(5), fields 3 and 22)."""
_ZOMBIE = "Z"
"""State of a process that has ended and whose parent has not looked yet."""


@dataclass(frozen=True, slots=True)
class RunnerProcess:
    """A process of a machine. Its text is part of a claim."""

    machine: str
    """Host name and, where processes have namespaces, the id of the namespace. Containers of a host have several."""
    id: int
    started: str
    """Start of the process in clock ticks after the start of the machine, because ids are used again. Empty without
    ``/proc``."""

    @classmethod
    def current(cls) -> RunnerProcess:
        return cls.of(os.getpid())

    @classmethod
    def of(cls, process_id: int) -> RunnerProcess:
        """Returns a process of this machine."""
        fields = _fields(process_id)
        return cls(_machine(), process_id, fields[_START] if fields else "")

    @classmethod
    def parse(cls, text: str) -> RunnerProcess | None:
        """Returns the process of a claim, or None if the text is not one."""
        machine, separator, rest = text.rpartition(" ")
        number, colon, started = rest.partition(":")
        return cls(machine, int(number), started) if separator and colon and number.isdigit() else None

    @property
    def has_ended(self) -> bool:
        """Whether the process is known to have ended. Always False for a process of another machine."""
        if self.machine != _machine():
            return False
        try:
            os.kill(self.id, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # It runs, as another user.
        fields = _fields(self.id)
        return bool(self.started and fields) and (fields[_STATE] == _ZOMBIE or fields[_START] != self.started)

    def __str__(self) -> str:
        return f"{self.machine} {self.id}:{self.started}"


def _machine() -> str:
    try:
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _fields(process_id: int) -> list[str]:
    """Returns the fields of a process after its name. Empty if they cannot be read."""
    try:
        described = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return described.rpartition(") ")[2].split()
