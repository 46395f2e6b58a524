"""The processor time of a process and of all that it starts, as the kernel counts it for a control group.

It contains processes that nobody waits for, such as the workers of `plinth`, which the kernel removes when they end.
Only root may create control groups, and only where their file system is writable.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
_PREFIX = "plinth-tests-"
_PROCESSES = "cgroup.procs"


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """A control group within the one that the process was in before."""

    folder: Path
    started: float
    """Processor seconds of this process before it entered the group."""

    @classmethod
    def enter(cls) -> ControlGroup | None:
        """Moves this process, and all that it will start, into a new group. Returns None where that is not possible."""
        for parent in _groups_with_times():
            folder = parent / f"{_PREFIX}{os.getpid()}"
            try:
                _remove_empty(parent)
                folder.mkdir(exist_ok=True)
                started = sum(os.times()[:2])
                (folder / _PROCESSES).write_text(str(os.getpid()))
                return cls(folder, started - _usage(folder))
            except OSError:
                with suppress(OSError):
                    folder.rmdir()
        return None

    def seconds(self) -> float:
        """Returns the processor seconds of this process and of all that were started in the group."""
        return self.started + _usage(self.folder)

    def leave(self) -> None:
        """Moves this process back. Where processes are left in the group, a later run removes it."""
        with suppress(OSError):
            (self.folder.parent / _PROCESSES).write_text(str(os.getpid()))
            _remove_empty(self.folder)
            self.folder.rmdir()


def _groups_with_times() -> Iterator[Path]:
    """Yields the groups of this process that count processor time: of the first version, and of the second."""
    if not OWN.exists():
        return
    for line in OWN.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpuacct" in controllers.split(",") or (not controllers and (GROUPS / "cgroup.controllers").exists()):
            yield GROUPS / controllers / path.lstrip("/")


def _remove_empty(parent: Path) -> None:
    """Removes the groups of ended runs that have no process any more."""
    for folder in parent.glob(f"{_PREFIX}*"):
        if not Path("/proc", folder.name.removeprefix(_PREFIX)).exists():
            _remove_empty(folder)
            with suppress(OSError):
                folder.rmdir()


def _usage(folder: Path) -> float:
    """Returns the processor seconds of a group."""
    if (nanoseconds := folder / "cpuacct.usage").exists():
        return int(nanoseconds.read_text()) / 1e9
    values = dict(line.split() for line in (folder / "cpu.stat").read_text().splitlines())
    return int(values["usage_usec"]) / 1e6
