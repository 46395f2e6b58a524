"""Two machines share a PostgreSQL database: one of them works on a run, and the other one continues it."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet

from plinth_sandbox.waiting import eventually
from selfservice.durable.node import Node, NodeResult, NodeStatus
from selfservice.durable.run_lock import RunIsLockedError
from selfservice.durable.serializer import KEY_VARIABLE
from selfservice.durable.workflow import URL_VARIABLE, GraphRun, run_graph
from selfservice.errors import RefusedError
from tests.support.postgres import PostgresServer

CHAIN = (Node(name="a"), Node(name="b", needs=("a",)), Node(name="c", needs=("b",)))


@dataclass
class Machine:
    """Runs the chain with a folder of its own. Its executor does not end node ``stuck`` until it is asked to stop."""

    folder: Path
    stuck: str = ""
    ran: list[str] = field(default_factory=list)
    reached: threading.Event = field(default_factory=threading.Event)

    def run(self, run_id: str, node: Node, needs: Mapping[str, NodeResult], stop: threading.Event) -> NodeResult:
        self.ran.append(node.name)
        if node.name == self.stuck:
            self.reached.set()
            stop.wait()
            return NodeResult(status=NodeStatus.INTERRUPTED)
        path = [name for need in needs.values() for name in need.output["path"]]
        return NodeResult(status=NodeStatus.SUCCEEDED, output={"path": [*path, node.name]})

    def work(self, tick: Callable[[], bool] = lambda: True) -> Mapping[str, NodeResult] | None:
        return run_graph(GraphRun(id="request", nodes=CHAIN, digest="1"), self, self.folder, limit=2, tick=tick)


def get_stuck(folder: Path, url: str, key: str, reached: Path) -> None:
    """Runs the chain in a process of its own, until it is killed at node ``b`` or the process above it has ended."""
    os.environ |= {URL_VARIABLE: url, KEY_VARIABLE: key}
    machine, parent = Machine(folder, stuck="b"), os.getppid()

    def tick() -> bool:
        if machine.reached.is_set():
            reached.touch()
        return os.getppid() == parent

    machine.work(tick)


@pytest.fixture
def url(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty database that both machines use, with one key."""
    found = postgres.create()
    monkeypatch.setenv(URL_VARIABLE, found)
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    return found


@pytest.mark.requirement("GOV-08.b")
@pytest.mark.threat("T-09")
def test_a_second_machine_waits_for_the_first_and_continues_it_after_its_death(tmp_path: Path, url: str) -> None:
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["selfservice.durable.workflow"])
    reached = tmp_path / "reached"
    first = processes.Process(target=get_stuck, args=(tmp_path / "first", url, os.environ[KEY_VARIABLE], reached))
    first.start()
    try:
        eventually(lambda: reached.exists() or not first.is_alive())
        assert reached.exists(), "the first machine ended by itself"
        second = Machine(tmp_path / "second")
        with pytest.raises(RunIsLockedError, match="another process works on this run"):
            second.work()
        assert second.ran == []
    finally:
        first.kill()
        first.join()
    results = _continued(second)
    assert second.ran == ["b", "c"]
    assert results["c"].output["path"] == ["a", "b", "c"]
    assert Machine(tmp_path / "third").work() == results


@pytest.mark.threat("T-09")
def test_a_machine_that_loses_its_connection_stops_and_the_other_one_continues(tmp_path: Path, url: str) -> None:
    first = Machine(tmp_path / "first", stuck="b")
    ended: list[int] = []

    def tick() -> bool:
        if first.reached.is_set() and not ended:
            with psycopg.connect(url, autocommit=True) as connection:
                query = "select pid, pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
                ended.extend(pid for pid, _ in connection.execute(query))
        return True

    assert first.work(tick) is None
    assert ended
    assert first.ran == ["a", "b"]
    second = Machine(tmp_path / "second")
    results = _continued(second)
    assert second.ran == ["b", "c"]
    assert results["c"].output["path"] == ["a", "b", "c"]


@pytest.mark.threat("T-07")
def test_a_machine_with_another_key_neither_reads_nor_repeats_a_run(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, results = os.environ[KEY_VARIABLE], Machine(tmp_path / "first").work()
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    other = Machine(tmp_path / "second")
    with pytest.raises(RefusedError, match="written with another key"):
        other.work()
    assert other.ran == []
    monkeypatch.setenv(KEY_VARIABLE, key)
    assert other.work() == results
    assert other.ran == []


def _continued(machine: Machine) -> Mapping[str, NodeResult]:
    """Works on the run as soon as the server has ended the connection of the first machine."""
    results = eventually(machine.work, ignored=RunIsLockedError)
    assert results is not None
    return results
