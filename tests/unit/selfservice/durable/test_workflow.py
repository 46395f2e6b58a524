"""A graph runs once, node by node, whatever interrupts it."""

from __future__ import annotations

import base64
import pickle
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy

from selfservice.durable import workflow
from selfservice.durable.node import Node, NodeResult, NodeStatus
from selfservice.durable.workflow import URL_VARIABLE, GraphRun, forget_run, run_graph, sqlite_fault
from selfservice.errors import BadInputError, RefusedError

pytestmark = pytest.mark.usefixtures("database_url")

DIAMOND = (
    Node(name="a", input={"value": "secret-of-a"}),
    Node(name="b", needs=("a",)),
    Node(name="c", needs=("a",)),
    Node(name="d", needs=("b", "c")),
)


@dataclass
class Recorder:
    """Returns the names of a node and of all before it, or the given status."""

    statuses: dict[str, NodeStatus] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    most: int = 0
    _running: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, run_id: str, node: Node, needs: Mapping[str, NodeResult], stop: threading.Event) -> NodeResult:
        with self._lock:
            self.ran.append(node.name)
            self._running += 1
            self.most = max(self.most, self._running)
        path = [*sorted({name for need in needs.values() for name in need.output["path"]}), node.name]
        with self._lock:
            self._running -= 1
        status = self.statuses.get(node.name, NodeStatus.SUCCEEDED)
        return NodeResult(status=status, output={"path": path})


@dataclass
class Planted:
    """Creates a file when it is unpickled."""

    file: Path

    def __reduce__(self):
        return Path.touch, (self.file,)


def run(folder: Path, executor: Recorder, *, digest: str = "1", nodes: tuple[Node, ...] = DIAMOND, limit: int = 2):
    return run_graph(
        GraphRun(id="request", nodes=nodes, digest=digest), executor, folder, limit=limit, tick=lambda: True
    )


@pytest.mark.requirement("GOV-08.b")
@pytest.mark.threat("T-09")
def test_nodes_run_once_in_order_and_the_same_run_again_runs_none(tmp_path: Path) -> None:
    recorder = Recorder()
    results = run(tmp_path / "run", recorder)
    assert results is not None
    assert sorted(recorder.ran) == ["a", "b", "c", "d"]
    assert (recorder.ran[0], recorder.ran[-1]) == ("a", "d")
    assert results["d"].output["path"] == ["a", "b", "c", "d"]
    again = Recorder()
    assert run(tmp_path / "run", again) == results
    assert again.ran == []
    with pytest.raises(BadInputError, match="exists with another digest"):
        run(tmp_path / "run", again, digest="2")


@pytest.mark.requirement("GOV-08.b")
@pytest.mark.requirement("GOV-08.b", level="run")
def test_a_failed_run_continues_with_what_has_not_succeeded(tmp_path: Path) -> None:
    recorder = Recorder({"b": NodeStatus.FAILED})
    results = run(tmp_path / "run", recorder)
    assert results is not None
    assert {name: result.status for name, result in results.items()} == {
        "a": "succeeded",
        "b": "failed",
        "c": "succeeded",
        "d": "skipped",
    }
    assert "d" not in recorder.ran
    mended = Recorder()
    results = run(tmp_path / "run", mended)
    assert results is not None
    assert sorted(mended.ran) == ["b", "d"]
    assert results["d"].output["path"] == ["a", "b", "c", "d"]


def test_an_interrupted_node_runs_again(tmp_path: Path) -> None:
    recorder = Recorder({"b": NodeStatus.INTERRUPTED})
    ticks = iter(range(1_000_000))
    stopped = run_graph(
        GraphRun(id="request", nodes=DIAMOND, digest="1"),
        recorder,
        tmp_path / "run",
        limit=2,
        tick=lambda: next(ticks) < 5 or "b" not in recorder.ran,
    )
    assert stopped is None
    assert "d" not in recorder.ran
    continued = Recorder()
    results = run(tmp_path / "run", continued)
    assert results is not None
    assert "b" in continued.ran
    assert "a" not in continued.ran
    assert results["d"].output["path"] == ["a", "b", "c", "d"]


def test_no_more_nodes_run_at_a_time_than_the_limit(tmp_path: Path) -> None:
    recorder = Recorder()
    many = tuple(Node(name=str(number)) for number in range(6))
    run(tmp_path / "run", recorder, nodes=many, limit=1)
    assert recorder.most == 1


@pytest.mark.threat("T-09")
def test_two_processes_do_not_work_on_one_run(tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "run").mkdir()
    with (tmp_path / "run" / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(RefusedError, match="another process of this machine works on this run"):
            run(tmp_path / "run", Recorder())


@pytest.mark.threat("T-07")
def test_inputs_and_results_are_encrypted_and_only_the_user_can_read_them(tmp_path: Path, database_url: str) -> None:
    run(tmp_path / "run", Recorder())
    files = list((tmp_path / "run").iterdir())
    assert {file.name for file in files} >= {"lock", "workflows.key"}
    assert [file.name for file in files if file.stat().st_mode & 0o077] == []
    with database(tmp_path / "run", database_url) as connection:
        rows = [row for table in tables(connection) for row in connection.execute(sqlalchemy.select(table))]
    stored = [str(tuple(row)) for row in rows]
    assert any("request.1" in row for row in stored)
    assert not any("secret-of-a" in row for row in stored)
    assert b"secret-of-a" not in b"".join(file.read_bytes() for file in files)


@pytest.mark.threat("T-11")
def test_a_pickled_value_in_the_database_is_not_read(tmp_path: Path, database_url: str) -> None:
    run(tmp_path / "run", Recorder())
    planted = base64.b64encode(pickle.dumps(Planted(tmp_path / "executed"))).decode()
    with database(tmp_path / "run", database_url) as connection:
        (status,) = [table for table in tables(connection) if table.name == "workflow_status"]
        connection.execute(status.update().values(inputs=planted, serialization="py_pickle"))
    with pytest.raises(RefusedError, match="cannot be read"):
        run(tmp_path / "run", Recorder())
    assert not (tmp_path / "executed").exists()


def test_a_forgotten_run_leaves_nothing_and_other_runs_stay(tmp_path: Path, database_url: str) -> None:
    run(tmp_path / "run", Recorder({"b": NodeStatus.FAILED}))
    run(tmp_path / "run", Recorder())
    other = GraphRun(id="request-2", nodes=DIAMOND, digest="1")
    run_graph(other, Recorder(), tmp_path / "other", limit=2, tick=lambda: True)
    with database(tmp_path / "run", database_url) as connection:
        assert {"request.1", "request.2"} <= stored_ids(connection)
    forget_run("request", tmp_path / "run")
    assert not (tmp_path / "run").exists()
    with database(tmp_path / "other", database_url) as connection:
        assert {stored_id for stored_id in stored_ids(connection) if stored_id.startswith("request")} == {"request-2.1"}
    again = Recorder()
    run(tmp_path / "run", again, digest="2")
    assert sorted(again.ran) == ["a", "b", "c", "d"]


def stored_ids(connection: sqlalchemy.Connection) -> set[str]:
    """Returns the ids of workflows in all tables."""
    found = [table for table in tables(connection) if "workflow_uuid" in table.c]
    return {str(id_) for table in found for (id_,) in connection.execute(sqlalchemy.select(table.c.workflow_uuid))}


@contextmanager
def database(folder: Path, url: str) -> Iterator[sqlalchemy.Connection]:
    """A transaction in the database of a run."""
    sqlite = f"sqlite:///{folder / 'workflow.sqlite'}"
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://") or sqlite)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def tables(connection: sqlalchemy.Connection) -> list[sqlalchemy.Table]:
    """The tables of DBOS."""
    metadata = sqlalchemy.MetaData()
    metadata.reflect(connection, schema="dbos" if connection.dialect.name == "postgresql" else None)
    return list(metadata.tables.values())


@pytest.mark.parametrize(
    ("python", "sqlite", "fits"),
    [((3, 11), (3, 40, 1), True), ((3, 12), (3, 41, 9), False), ((3, 13), (3, 42, 0), True)],
)
def test_a_sqlite_that_is_too_old_for_the_python_is_refused_before_anything_is_made(
    tmp_path, monkeypatch, python, sqlite, fits
):
    monkeypatch.setattr(workflow.sys, "version_info", python)
    monkeypatch.setattr(workflow.sqlite3, "sqlite_version_info", sqlite)
    assert (sqlite_fault() == "") is fits
    if not fits:
        monkeypatch.setenv(URL_VARIABLE, "")
        with pytest.raises(BadInputError, match=rf"is too old for workflows.*set {URL_VARIABLE} to a PostgreSQL"):
            run(tmp_path / "run", Recorder())
        assert not list(tmp_path.iterdir())
