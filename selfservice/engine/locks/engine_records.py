"""Records of the engines that this process namespace has started, so that only their locks are ever broken.

A lock in the backend names a host and a process id. Neither identifies a process: containers, cloned machines and
``localhost`` share host names, and each process namespace counts its ids from 1. So a shell writes the process id of
each engine before it becomes the engine, into a folder of this machine, boot and process namespace.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from selfservice.engine.locks.engine_process import is_engine

STATE_DIRECTORY_VARIABLE = "PLINTH_STATE_DIR"

RECORD_AND_RUN = ("sh", "-c", '{ echo $$ >"$0"; } 2>/dev/null; exec "$@"')
"""Followed by the file of a record and by the command of an engine. The process keeps its id when it becomes the
engine, so an engine is recorded before it can take a lock, whatever is killed meanwhile."""

_NANOSECONDS = 10**9
_KEPT_SECONDS = 30 * 24 * 3600
"""Age at which records are removed. Locks that are older need a person."""
_CLOCK_SECONDS = 1.0
"""Locks name whole seconds in the engine's messages."""


def user_state_directory() -> Path:
    """Returns the folder of what Plinth keeps on this machine for this user, for all projects."""
    named = os.environ.get(STATE_DIRECTORY_VARIABLE)
    if named:
        return Path(named).absolute()
    from platformdirs import user_state_path

    return user_state_path("plinth").absolute()


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineRecord:
    """An engine that was started in this process namespace."""

    file: Path
    process_id: int
    started: float
    """Unix time."""
    ended: float | None
    """Unix time by which the engine had ended; None if it runs, or if nobody has looked since."""

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """Returns the record in a file; None if its engine has not written its process id yet, or never will."""
        try:
            process_id, *ended = file.read_text(encoding="utf-8").split()
            started = int(file.name.partition("-")[0]) / _NANOSECONDS
            return cls(file=file, process_id=int(process_id), started=started, ended=float(ended[0]) if ended else None)
        except (OSError, ValueError):
            return None

    def took(self, process_id: int, at: float) -> bool:
        """Returns whether a lock with this process id, taken at this Unix time, is of this engine."""
        end = time.time() if self.ended is None else self.ended
        return self.process_id == process_id and self.started - _CLOCK_SECONDS <= at <= end + _CLOCK_SECONDS

    def note_end(self) -> None:
        """Records that the engine has ended by now."""
        with suppress(OSError), self.file.open("a", encoding="utf-8") as file:
            file.write(f"{time.time()}\n")


@contextmanager
def recorded(command: Sequence[str]) -> Iterator[list[str]]:
    """Yields the command that records its process and then runs ``command``. The block returns when it has ended.

    Yields ``command`` itself if this machine cannot be identified or if no record can be written. The locks of such an
    engine are never broken.
    """
    folder = _folder()
    try:
        if folder is None:
            raise OSError
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _tidy(folder)
    except OSError:
        yield list(command)
        return
    file = folder / f"{time.time_ns()}-{os.urandom(8).hex()}"
    succeeded = False
    try:
        yield [*RECORD_AND_RUN, str(file), *command]
        succeeded = True
    finally:
        if succeeded:  # it released its lock
            file.unlink(missing_ok=True)
        elif (record := EngineRecord.read(file)) is not None:
            record.note_end()


def recorded_engine(process_id: int, at: float) -> EngineRecord | None:
    """Returns the record of the engine that took a lock at a Unix time; None if no engine of this process namespace
    did."""
    folder = _folder()
    return (
        None if folder is None else next((record for record in _records(folder) if record.took(process_id, at)), None)
    )


def _records(folder: Path) -> Iterator[EngineRecord]:
    files = sorted(folder.iterdir(), reverse=True) if folder.is_dir() else ()
    yield from filter(None, map(EngineRecord.read, files))


def _tidy(folder: Path) -> None:
    """Removes old records, and notes the end of engines that ended unseen."""
    for record in _records(folder):
        if time.time() - record.started > _KEPT_SECONDS and not is_engine(record.process_id):
            record.file.unlink(missing_ok=True)
        elif record.ended is None and not is_engine(record.process_id):
            record.note_end()


def _folder() -> Path | None:
    """Returns the folder with the records of this machine, boot and process namespace; None if they are unknown."""
    parts = identity()
    if parts is None:
        return None
    name = hashlib.sha256("\n".join(f"{key}={value}" for key, value in sorted(parts.items())).encode()).hexdigest()
    return user_state_directory() / "engines" / name[:32]


@cache
def identity() -> Mapping[str, str] | None:
    """Returns what identifies this boot of this machine and this process namespace; None if the system does not tell.

    The number of a namespace can return once the namespace has ended. The start of its first process tells the two
    apart.
    """
    if sys.platform == "darwin":  # it has no process namespaces
        import subprocess  # Linux needs no program for this

        asked = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"], capture_output=True, text=True, check=False
        )
        return {"boot": asked.stdout.strip()} if asked.stdout.strip() else None
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
        if str(os.getpid()) != str(Path("/proc/self").readlink()):
            return None  # this /proc shows another namespace
        namespace = Path("/proc/self/ns/pid").readlink()
        first = Path("/proc/1/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()[19]
    except (OSError, IndexError):
        return None
    return {"boot": boot, "namespace": str(namespace), "first": first}
