"""The database of the workflows crashes in the middle of a run, and the run goes on with it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from cryptography.fernet import Fernet

from plinth_sandbox.waiting import LONGEST_SECONDS, eventually
from selfservice.durable.node import Node, NodeResult, NodeStatus
from selfservice.durable.serializer import KEY_VARIABLE
from selfservice.durable.workflow import URL_VARIABLE, GraphRun, run_graph
from tests.support.postgres import PostgresServer

CHAIN = (Node(name="a"), Node(name="b", needs=("a",)), Node(name="c", needs=("b",)))


@dataclass
class Executor:
    """Runs the nodes. Node ``b`` ends when the database has crashed, so the first record after that is its own."""

    ran: list[str] = field(default_factory=list)
    reached: threading.Event = field(default_factory=threading.Event)
    crashed: threading.Event = field(default_factory=threading.Event)

    def run(self, run_id: str, node: Node, needs: Mapping[str, NodeResult], stop: threading.Event) -> NodeResult:
        self.ran.append(node.name)
        if node.name == "b":
            self.reached.set()
            assert self.crashed.wait(LONGEST_SECONDS)
        path = [name for need in needs.values() for name in need.output["path"]]
        return NodeResult(status=NodeStatus.SUCCEEDED, output={"path": [*path, node.name]})


def crash(url: str) -> int:
    """Kills a process of the server, which then ends all connections and recovers, and returns their number."""
    with psycopg.connect(url) as connection:
        own = connection.info.backend_pid
        found = connection.execute(
            "select pid from pg_stat_activity where datname = current_database() and pid <> %s", [own]
        ).fetchall()
    os.kill(found[0][0], signal.SIGKILL)
    eventually(lambda: psycopg.connect(url).close() or True, ignored=psycopg.OperationalError)
    return len(found)


def test_a_run_whose_database_crashes_ends_with_each_node_run_once(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, executor = postgres.create(), Executor()
    monkeypatch.setenv(URL_VARIABLE, url)
    monkeypatch.setenv(KEY_VARIABLE, Fernet.generate_key().decode())
    lost: list[int] = []

    def tick() -> bool:
        if executor.reached.is_set() and not lost:
            lost.append(crash(url))
            executor.crashed.set()
        return True

    def run() -> Mapping[str, NodeResult] | None:
        return run_graph(GraphRun(id="request", nodes=CHAIN, digest="1"), executor, tmp_path, limit=2, tick=tick)

    # A run that notices that its lock went with the connections is interrupted, and its next start continues it.
    results = run() or run()
    assert lost[0] > 0, "the run had no connection to lose"
    assert results is not None
    assert results["c"].output == {"path": ["a", "b", "c"]}
    assert executor.ran == ["a", "b", "c"]
