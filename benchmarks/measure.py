"""How long a command takes, and how much memory and processor time everything that it starts takes together."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.emulator.process import running
from tests.support.workbench import Workbench

_SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Measured:
    seconds: float
    peak_mib: float
    """The most that all processes of the run held at once, shared pages counted once (PSS)."""
    output: str
    processor_seconds: float
    """Processor time of all processes of the run, without the last moments of each."""


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
    return Measured(seconds, sampler.peak_kib / 1024, done.stdout, sampler.processor_seconds)


def processor_seconds() -> float:
    """Returns the processor time of this process, and of the commands that it has run to their end."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def processor_seconds_of_aws(bench: Workbench) -> float:
    """Returns the processor time of the emulated AWS, of what it started, and of their children that have ended."""
    server = running(bench.root / "sandbox" / "aws")
    if server is None:
        raise RuntimeError("the emulated AWS does not run")
    ticks: dict[int, int] = {}
    children: defaultdict[int, list[int]] = defaultdict(list)
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            number, _, rest = file.read_text().rpartition(")")
            values = rest.split()
            process = int(number.split()[0])
            ticks[process] = sum(map(int, values[11:15]))
            children[int(values[1])].append(process)
    found, left = 0, [server.pid]
    while left:
        process = left.pop()
        found += ticks.get(process, 0)
        left += children[process]
    return found / os.sysconf("SC_CLK_TCK")


class _Sampler(threading.Thread):
    """Adds up the memory and the processor time of the marked processes, again and again."""

    def __init__(self, mark: bytes) -> None:
        super().__init__(daemon=True)
        self._mark, self._done = mark, threading.Event()
        self.peak_kib = 0
        self._ticks: dict[tuple[str, str], int] = {}
        """Clock ticks of processor time by process and its start."""

    @property
    def processor_seconds(self) -> float:
        return sum(self._ticks.values()) / os.sysconf("SC_CLK_TCK")

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
            values = (process / "stat").read_text().rpartition(")")[2].split()
            self._ticks[process.name, values[19]] = int(values[11]) + int(values[12])
            lines = (process / "smaps_rollup").read_text().splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration):  # it has just ended, or is somebody else's
            return 0
