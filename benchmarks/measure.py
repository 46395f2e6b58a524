"""How long a command takes, and how much memory everything that it starts takes together."""

from __future__ import annotations

import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Measured:
    seconds: float
    peak_mib: float
    """The most that all processes of the run held at once, shared pages counted once (PSS)."""
    output: str


def measured(command: list[str], *, directory: Path, environment: dict[str, str], mark: str) -> Measured:
    """Run a command to its end. Processes with ``mark`` in their environment are the run's own, whoever started them.

    Raises: RuntimeError with the end of its output when the command fails.
    """
    sampler = _Sampler(mark.encode())
    sampler.start()
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=directory, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - started
    sampler.stop()
    if done.returncode != 0:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
    return Measured(seconds, sampler.peak_kib / 1024, done.stdout)


class _Sampler(threading.Thread):
    """Adds up the memory of the marked processes, again and again."""

    def __init__(self, mark: bytes) -> None:
        super().__init__(daemon=True)
        self._mark, self._done = mark, threading.Event()
        self.peak_kib = 0

    def run(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            self.peak_kib = max(self.peak_kib, sum(map(self._memory_kib, Path("/proc").glob("[0-9]*"))))

    def stop(self) -> None:
        self._done.set()
        self.join()

    def _memory_kib(self, process: Path) -> int:
        try:
            if self._mark not in (process / "environ").read_bytes():
                return 0
            lines = (process / "smaps_rollup").read_text().splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration):  # it has just ended, or is somebody else's
            return 0
