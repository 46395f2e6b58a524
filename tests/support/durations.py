"""Measures the processor time of each test, with that of the processes that it starts.

As a pytest plugin, this module writes the time of each test of a run to a file. As a program (``python -m
tests.support.durations``), it prints the times by folder and the most expensive tests. Other work on the machine
changes processor time less than the time of a clock.

A process that outlives a test, such as an emulator that a module shares, counts for the tests during which it works.
Where root runs the tests, the kernel counts (:mod:`tests.support.control_group`). Elsewhere processes are read from
``/proc``, which misses most workers of ``plinth``: nobody waits for them, so their times end with them.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import click
import pytest

from tests.support.control_group import ControlGroup

RESULTS = Path("build/durations.json")
SECONDS = "processor_seconds"
"""Attribute of reports, which workers send to the process that started them."""
WORKER = "TESTS_OF_WORKER"
"""Variable that the processes of a worker inherit, also those that outlive the command that started them."""
LONGEST = 20
SHORT_SECONDS = 1.0
LOOK_SECONDS = 5.0
"""Times between two looks at all processes. A look takes 12 ms of processor time with 150 processes."""
_TICKS = os.sysconf("SC_CLK_TCK")


class Processes:
    """The processor time of this process and of all that it has started.

    A server that has left the command that started it is found by a variable. Its time is known as of the last look, so
    a thread looks every few seconds.
    """

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._servers: dict[tuple[int, str], float] = {}
        """Times of the servers when they were last seen, by id and start."""
        self._foreign: set[tuple[int, str]] = set()
        self._one_at_a_time = Lock()

    def look_every(self, seconds: float) -> None:
        """Starts a thread that looks again and again while this process lives."""

        def look() -> None:
            while True:
                time.sleep(seconds)
                self.seconds()

        Thread(target=look, daemon=True).start()

    def seconds(self) -> float:
        """Returns the processor seconds up to now. Without ``/proc``, those of processes that have ended."""
        if not Path("/proc/self/stat").exists():
            return sum(os.times()[:4])
        with self._one_at_a_time:
            children: dict[int, list[int]] = defaultdict(list)
            used: dict[int, float] = {}
            starts: dict[int, str] = {}
            for process in (int(file.name) for file in Path("/proc").iterdir() if file.name.isdigit()):
                try:
                    stat = Path(f"/proc/{process}/stat").read_text()
                except OSError:
                    continue  # it has ended
                values = stat.rpartition(")")[2].split()
                children[int(values[1])].append(process)
                used[process], starts[process] = sum(map(int, values[11:15])) / _TICKS, values[19]
            for process in children[1]:
                server = (process, starts[process])
                if server not in self._foreign and (server in self._servers or self._is_own(process)):
                    self._servers[server] = _with_descendants(process, children, used)
                else:
                    self._foreign.add(server)
            return _with_descendants(os.getpid(), children, used) + sum(self._servers.values())

    def _is_own(self, process: int) -> bool:
        try:
            return f"{WORKER}={self._worker}".encode() in Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
        except OSError:
            return False


def _with_descendants(process: int, children: Mapping[int, list[int]], used: Mapping[int, float]) -> float:
    return used.get(process, 0.0) + sum(_with_descendants(child, children, used) for child in children.get(process, ()))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(measured := Measured(config))
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorded(config.rootpath / RESULTS, measured))


class Measured:
    """Plugin that adds the processor time of a test to the report of its last phase.

    A look at all processes takes longer than most tests, so short tests of one file are measured together: the last one
    of them has their time.
    """

    def __init__(self, config: pytest.Config) -> None:
        os.environ[WORKER] = worker = str(os.getpid())
        self.config = config
        self.group = ControlGroup.enter()
        self.processes = Processes(worker) if self.group is None else self.group
        # The process that only started workers runs no test.
        runs_tests = hasattr(config, "workerinput") or not config.getoption("numprocesses", None)
        if isinstance(self.processes, Processes) and runs_tests:
            self.processes.look_every(LOOK_SECONDS)
        self.before, self.looked = self.processes.seconds(), time.monotonic()
        self.ends_file = False

    def pytest_collection_finish(self) -> None:
        """The collection counts for the whole run and for no test."""
        self.before, self.looked = self.processes.seconds(), time.monotonic()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, bool, bool]:
        self.ends_file = nextitem is None or nextitem.path != item.path
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "teardown" and (self.ends_file or time.monotonic() - self.looked > SHORT_SECONDS):
            now = self.processes.seconds()
            setattr(report, SECONDS, round(now - self.before, 3))
            self.before, self.looked = now, time.monotonic()
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Tells the process that started this worker its time."""
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput[SECONDS] = self.processes.seconds()

    def pytest_unconfigure(self) -> None:
        if self.group is not None:
            self.group.leave()


@dataclass(eq=False)
class Recorded:
    """Plugin that writes the processor time of each test and of the whole run to a file."""

    path: Path
    measured: Measured
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    workers: float = 0.0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += getattr(report, SECONDS, 0.0)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self.workers += getattr(node, "workeroutput", {}).get(SECONDS, 0.0)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        whole = self.workers + (time.process_time() if self.workers else self.measured.processes.seconds())
        self.path.parent.mkdir(parents=True, exist_ok=True)
        rounded = {test: round(seconds, 3) for test, seconds in self.seconds.items()}
        found = {"whole": round(whole, 1), "tests": rounded, "known": read_durations(self.path) | rounded}
        self.path.write_text(json.dumps(found, indent=1), encoding="utf-8")


def read_durations(path: Path) -> dict[str, float]:
    """Returns the processor seconds of each test in the last run that had it; none without a run."""
    return dict(json.loads(path.read_text(encoding="utf-8")).get("known", {})) if path.exists() else {}


def by_folder(seconds: Mapping[str, float]) -> dict[str, tuple[float, int]]:
    """Returns the seconds and the number of the tests of each folder, the most expensive one first."""
    found: dict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for test, used in seconds.items():
        folder = str(Path(test.partition("::")[0]).parent)
        so_far, count = found[folder]
        found[folder] = (so_far + used, count + 1)
    return dict(sorted(found.items(), key=lambda item: -item[1][0]))


@click.command()
@click.option("--longest", default=LONGEST, show_default=True, help="How many of the most expensive tests are printed.")
def main(longest: int) -> None:
    """Print the processor time of the tests of the last run."""
    if not RESULTS.exists():
        raise click.ClickException(f"{RESULTS} does not exist; run the tests first, with `make test`")
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    tests: dict[str, float] = found["tests"]
    of_tests = sum(tests.values())
    click.echo("seconds  tests  folder")
    for folder, (used, count) in by_folder(tests).items():
        click.echo(f"{used:7.1f}  {count:5,}  {folder}")
    click.echo(f"{of_tests:7.1f}  {len(tests):5,}  all tests; with collection and start {found['whole']:.1f} s\n")
    click.echo("seconds  test")
    for test, used in sorted(tests.items(), key=lambda item: -item[1])[:longest]:
        click.echo(f"{used:7.1f}  {test}")


if __name__ == "__main__":
    main()
