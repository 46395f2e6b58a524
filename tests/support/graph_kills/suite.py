"""Kills executions of graphs at random points, continues them, and counts faults.

No count depends on a clock. The log of a graph is one file to which every process appends, and what was recorded before
a kill is read from the database after it.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import select
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import sqlalchemy

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from tests.support.graph_kills.graph import CHILDREN, HOLD, LOG, RUN, RUN_FOLDER, execute, expected

_LOOK_SECONDS = 0.001
_MOST_LINES = 30
"""A kill comes after at most this many lines of a process, of about 36 of a graph."""
_STEP = "node "


@dataclass
class Figures:
    """Results of a suite. Every count of a fault has to be 0."""

    graphs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    """Kills by victim: ``executor`` alone, or ``group`` with its children."""
    launched_again: int = 0
    """Nodes that ran again because a kill came before their record."""
    waited: int = 0
    """Children that waited for a child of a killed executor with the same key."""
    faults: Counter[str] = field(default_factory=Counter)
    recoveries: list[float] = field(default_factory=list)
    """Seconds from the start of a process that continues a graph to its first launch of a node."""


class GraphKills:
    """Runs graphs in a folder, one after another, until the wanted number of kills is done."""

    def __init__(self, folder: Path, *, seed: int, url: str = "", most_delay_seconds: float = 0) -> None:
        """``url`` is the connection string of a PostgreSQL database. Default: one SQLite database for each graph.

        Without a delay, a graph records nothing more once its log has the line at which it is killed. A kill that comes
        at most this long after the line can also come between the end of a child and its record.
        """
        self._folder, self._url, self._chance = folder, url, random.Random(seed)
        self._most_delay_seconds = most_delay_seconds
        # Forked from a process that has imported the engine, which takes more than a second.
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["selfservice.durable.workflow", "tests.support.graph_kills.graph"])
        self.figures = Figures()

    def kill(self, kills: int) -> Figures:
        """Executes graphs until they have been killed this often together and all have ended. Returns the figures."""
        while self.figures.kills.total() < kills:
            self.figures.graphs += 1
            _Graph(self, self._folder / f"{self._chance.getrandbits(32):08x}").run(kills)
        return self.figures

    def start(self, folder: Path) -> BaseProcess:
        process = self._processes.Process(target=execute, args=(folder, self._url))
        process.start()
        return process

    def point(self) -> tuple[int, float, str]:
        """Returns after how many lines and seconds the next kill comes, and whom it kills."""
        lines = self._chance.randint(0, _MOST_LINES)
        return lines, self._chance.uniform(0, self._most_delay_seconds), self._chance.choice(("executor", "group"))

    def recorded(self, folder: Path) -> set[str]:
        """Returns the nodes of a graph whose results are in the database."""
        url = self._url.replace("postgresql://", "postgresql+psycopg://") or f"sqlite:///{_database(folder)}"
        if not self._url and not _database(folder).exists():
            return set()
        engine = sqlalchemy.create_engine(url)
        table = f"{'dbos.' if self._url else ''}operation_outputs"
        try:
            with engine.connect() as connection:
                if not sqlalchemy.inspect(connection).has_table("operation_outputs", "dbos" if self._url else None):
                    return set()  # killed while the tables were created
                query = sqlalchemy.text(f"select function_name from {table} where workflow_uuid like :workflow")
                rows = connection.execute(query, {"workflow": f"{RUN}-{folder.name}.%"})
                return {str(row[0]).removeprefix(_STEP) for row in rows if str(row[0]).startswith(_STEP)}
        finally:
            engine.dispose()


class _Graph:
    """One graph, from its first process to the one that ends it."""

    def __init__(self, suite: GraphKills, folder: Path) -> None:
        self._suite, self._folder, self._figures = suite, folder, suite.figures
        self._killed_groups: set[str] = set()
        folder.mkdir(parents=True)
        (folder / LOG).touch()
        os.mkfifo(folder / CHILDREN)

    def run(self, kills: int) -> None:
        """Executes the graph, with kills until there are ``kills`` or it has ended, and counts the faults."""
        children = os.open(self._folder / CHILDREN, os.O_RDONLY | os.O_NONBLOCK)
        recorded: set[str] = set()
        try:
            while True:
                first, began = not self._log(), time.monotonic()
                victim = ""
                if self._figures.kills.total() < kills:
                    process, victim = self._killed()
                else:
                    process = self._suite.start(self._folder)
                process.join(LONGEST_SECONDS)
                if process.exitcode is None:
                    process.kill()
                launches = [line for line in self._log() if line.is_of("launched", process.pid)]
                self._figures.faults["repeated"] += sum(line.node in recorded for line in launches)
                if launches and not first:
                    self._figures.recoveries.append(launches[0].seconds - began)
                if process.exitcode != -signal.SIGKILL or not victim:
                    break
                self._figures.kills[victim] += 1
                recorded = self._suite.recorded(self._folder)
        finally:
            _await_end(children)
            os.close(children)
        self._figures.faults["failed or wrong"] += process.exitcode != 0
        self._count()

    def _killed(self) -> tuple[BaseProcess, str]:
        """Starts a process and kills it at a random point, unless it ends before. Returns the process and the
        victim."""
        lines, delay, victim = self._suite.point()
        lines += len(self._log())
        hold = self._folder / HOLD
        if not delay:
            hold.write_text(str(lines), encoding="ascii")
        process = self._suite.start(self._folder)
        eventually(lambda: not process.is_alive() or len(self._log()) >= lines, every_seconds=_LOOK_SECONDS)
        time.sleep(delay)
        if victim == "group":
            self._killed_groups.add(str(process.pid))
            with suppress(ProcessLookupError):  # it has ended, or has no group yet
                os.killpg(process.pid or 0, signal.SIGKILL)
        process.kill()
        process.join(LONGEST_SECONDS)
        hold.unlink(missing_ok=True)
        return process, victim

    def _log(self) -> list[_Line]:
        return [_Line.of(line) for line in (self._folder / LOG).read_text(encoding="ascii").splitlines()]

    def _count(self) -> None:
        """Counts what the log of an ended graph shows."""
        log = self._log()
        events = Counter((line.event, line.node) for line in log)
        self._figures.faults["lost"] += sum(not events["ended", node] for node in expected())
        self._figures.launched_again += sum(max(0, events["launched", node] - 1) for node in expected())
        self._figures.waited += sum(line.event == "waited" for line in log)
        self._figures.faults["two of one key"] += self._overlaps(log)

    def _overlaps(self, log: list[_Line]) -> int:
        """Returns how often a child started while another one of its key worked.

        Children that were killed have no end in the log, so they are left out.
        """
        ended = {line.process for line in log if line.event == "ended"}
        working: dict[str, set[str]] = {}
        found = 0
        for line in log:
            if line.group in self._killed_groups and line.process not in ended:
                continue
            holders = working.setdefault(line.key, set())
            if line.event == "started":
                found += bool(holders)
                holders.add(line.process)
            elif line.event == "ended":
                holders.discard(line.process)
        return found


@dataclass(frozen=True, slots=True)
class _Line:
    event: str
    node: str
    group: str
    process: str
    seconds: float
    """Time of the monotonic clock, which all processes share. Only figures use it."""

    @classmethod
    def of(cls, text: str) -> _Line:
        event, node, group, process, seconds = text.split()
        return cls(event, node, group, process, float(seconds))

    @property
    def key(self) -> str:
        return self.node.partition("-")[2]

    def is_of(self, event: str, group: int | None) -> bool:
        return self.event == event and self.group == str(group)


def _database(folder: Path) -> Path:
    return folder / RUN_FOLDER / "workflow.sqlite"


def _await_end(children: int) -> None:
    """Waits until no child of a graph is alive. The kernel closes their ends of the FIFO, if there ever was one."""
    ended = select.poll()
    ended.register(children, select.POLLIN)
    ended.poll(LONGEST_SECONDS * 1000)
