"""Runs a graph as a workflow of DBOS. This is the only module that imports ``dbos``."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import sqlite3
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, cast

from dbos import DBOS, Serializer, SetWorkflowID, _serialization

from selfservice.durable.node import Executor, Node, NodeResult, NodeStatus
from selfservice.durable.run_lock import run_lock
from selfservice.durable.serializer import EncryptedJson, key_of, refuse_pickle
from selfservice.errors import BadInputError, RefusedError

URL_VARIABLE = "PLINTH_WORKFLOWS_URL"
"""Variable with the connection string of a PostgreSQL database. Default: a SQLite database for each run."""
_VERSION = "1"
"""Version of the workflow below. Change it when a run of the former one could not be continued.

The id of the run is part of the version that DBOS sees. All processes of a PostgreSQL database poll one queue of
resumed workflows, and each takes only those of its own version.
"""
_POLL_SECONDS = 0.1
_STEP = "node "
"""Beginning of the name of a step; the name of its node follows."""
_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@dataclass(slots=True)
class _Current:
    """Executor and state of the workflow in this process. DBOS registers functions, not objects."""

    executor: Executor
    limit: int
    stop: threading.Event = field(default_factory=threading.Event)
    running: int = 0
    """Number of nodes that have begun and whose results are not recorded. Only the workflow's thread changes it."""

    def run(self, run_id: str, node: Node, needs: Mapping[str, NodeResult]) -> NodeResult | None:
        """Runs a node in this thread; None if it was interrupted or did not start because of an interruption.

        A node whose executor raises has failed. Raised here, it would end the workflow while other nodes run.
        """
        if self.stop.is_set():
            return None
        try:
            found = self.executor.run(run_id, node, needs, self.stop)
        except Exception as error:
            return NodeResult(status=NodeStatus.FAILED, output={"reason": f"{type(error).__name__}: {error}"})
        return None if found.status is NodeStatus.INTERRUPTED else found


_current: _Current | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class GraphRun:
    """A graph that is run once, whatever interrupts it."""

    id: str
    nodes: Sequence[Node]
    digest: str
    """Digest of what the run is for. A run with the same id and another digest is refused."""


@DBOS.workflow(name="plinth-graph")
async def _graph(payload: dict[str, Any]) -> dict[str, Any]:
    """Runs the nodes of a graph, each when its needs have succeeded, and returns all results.

    Steps are reserved in topological order, so that a recovered run gives each node the result of the same node.
    """
    nodes = {each["name"]: Node.of(each) for each in payload["nodes"]}
    order = list(TopologicalSorter({name: node.needs for name, node in nodes.items()}).static_order())
    reserved = {name: DBOS.reserve_step() for name in order}
    current = _current
    assert current is not None
    free = asyncio.Semaphore(current.limit)
    results: dict[str, asyncio.Task[NodeResult]] = {}

    async def run(node: Node) -> NodeResult:
        needs = {name: await results[name] for name in node.needs}
        if any(need.status is not NodeStatus.SUCCEEDED for need in needs.values()):
            return NodeResult(status=NodeStatus.SKIPPED)
        known = payload["done"].get(node.name)
        if known is not None and known["digest"] == node.digest:
            return NodeResult.of(known["result"])

        async def step() -> dict[str, Any]:
            async with free:
                found = await asyncio.to_thread(current.run, payload["id"], node, needs)
            if found is None:
                # Without a record the node runs again when the run is continued.
                current.running -= 1
                await asyncio.Event().wait()
            assert found is not None
            return found.document()

        current.running += 1
        recorded = await reserved[node.name].run_async({"name": f"{_STEP}{node.name}"}, step)
        current.running -= 1
        return NodeResult.of(recorded)

    for name in order:
        results[name] = asyncio.ensure_future(run(nodes[name]))
    await asyncio.gather(*results.values())
    return {name: results[name].result().document() for name in order}


def run_graph(
    run: GraphRun,
    executor: Executor,
    folder: Path,
    *,
    limit: int,
    tick: Callable[[], bool],
) -> Mapping[str, NodeResult] | None:
    """Runs a graph to its end, or continues it. Returns the results, or None if ``tick`` interrupted it.

    ``tick`` is called several times a second, in the calling thread, and returns whether to go on. A run whose lock in
    the database is lost is interrupted, too. A run that ended with a failure is started again: nodes that succeeded
    keep their results if their inputs are the same.

    Raises: RunIsLockedError if another process works on the run; BadInputError if the run is another one of the same
    id, or if the SQLite of this Python is too old; RefusedError if its record cannot be read.
    """
    url = os.environ.get(URL_VARIABLE, "")
    if not url and (fault := sqlite_fault()):
        raise BadInputError(fault)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with run_lock(run.id, folder, url) as is_held, _engine(run.id, executor, folder, limit, url) as current:
        workflow = _begun(run)
        while (found := DBOS.get_workflow_status(workflow)) is None or found.status not in _ENDED:
            if not (tick() and is_held()):
                current.stop.set()
            if current.stop.is_set() and not current.running:
                return None
            time.sleep(_POLL_SECONDS)
        tick()
        if found.status != "SUCCESS":
            raise RefusedError(f"the run {run.id} ended as {found.status}: {found.error}")
        return _results(found)


def forget_run(run_id: str, folder: Path) -> None:
    """Removes what is stored of a run: its workflows in PostgreSQL, and its folder with SQLite database and key.

    Raises: RunIsLockedError if another process works on the run.
    """
    url = os.environ.get(URL_VARIABLE, "")
    with run_lock(run_id, folder, url):
        if url:
            with _engine(run_id, _Finished(), folder, 1, url):
                attempts = (f"{run_id}.{attempt}" for attempt in itertools.count(1))
                known = list(itertools.takewhile(lambda id_: DBOS.get_workflow_status(id_) is not None, attempts))
                # The first one last, so that an interrupted removal is continued.
                for workflow in reversed(known):
                    DBOS.delete_workflow(workflow)
        shutil.rmtree(folder)


class _Finished:
    """The executor of a run that is only removed."""

    def run(self, *_: object) -> NodeResult:
        raise AssertionError("a run that is removed runs no node")


def _begun(run: GraphRun) -> str:
    """Starts the run, or continues it, and returns the id of its workflow."""
    done: dict[str, Any] = {}
    for attempt in itertools.count(1):
        workflow = f"{run.id}.{attempt}"
        found = DBOS.get_workflow_status(workflow)
        if found is None:
            break
        payload = _payload(found)
        if payload["digest"] != run.digest:
            raise BadInputError(f"the run {run.id} exists with another digest: {payload['digest'][:12]}")
        if found.status not in _ENDED:
            # The process that worked on it has ended: this one holds the lock of the folder.
            DBOS.resume_workflow(workflow)
            return workflow
        if found.status == "SUCCESS" and _have_succeeded(_results(found).values()):
            return workflow
        done |= payload["done"] | _recorded(workflow, payload)
    nodes = [node.document() for node in run.nodes]
    with SetWorkflowID(workflow):
        DBOS.start_workflow(_graph, {"id": run.id, "digest": run.digest, "nodes": nodes, "done": done})
    return workflow


def _payload(found: Any) -> dict[str, Any]:
    """Returns the argument of a workflow. DBOS returns what it could not read as it is."""
    if not isinstance(found.input, dict):
        raise RefusedError(
            f"the record of the run {found.workflow_id} cannot be read: it was written with another key, or not by "
            "Plinth. Delete its folder, and run the request again"
        )
    payload: dict[str, Any] = found.input["args"][0]
    return payload


def _recorded(workflow: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the results of the nodes that succeeded in an attempt, with the digests of their inputs."""
    digests = {f"{_STEP}{each['name']}": Node.of(each) for each in payload["nodes"]}
    found: dict[str, Any] = {step["function_name"]: step["output"] for step in DBOS.list_workflow_steps(workflow)}
    return {
        node.name: {"digest": node.digest, "result": found[step]}
        for step, node in digests.items()
        if found.get(step) is not None and NodeResult.of(found[step]).status is NodeStatus.SUCCEEDED
    }


def _have_succeeded(results: Iterable[NodeResult]) -> bool:
    return all(result.status is NodeStatus.SUCCEEDED for result in results)


def _results(found: Any) -> dict[str, NodeResult]:
    return {name: NodeResult.of(result) for name, result in found.output.items()}


def sqlite_fault() -> str:
    """Returns why a run cannot keep its workflow in SQLite; empty if it can.

    From Python 3.12 on, DBOS takes times from ``unixepoch('subsec')``, which SQLite has since 3.42.0 (SQLite, "Release
    History").
    """
    if sys.version_info < (3, 12) or sqlite3.sqlite_version_info >= (3, 42):
        return ""
    return (
        f"SQLite {sqlite3.sqlite_version} of this Python is too old for workflows, which need 3.42 with Python 3.12 "
        f"and later; set {URL_VARIABLE} to a PostgreSQL database, or use Python 3.11 or a newer SQLite"
    )


@contextmanager
def _engine(run_id: str, executor: Executor, folder: Path, limit: int, url: str) -> Iterator[_Current]:
    """Starts DBOS for one run, and ends it. Nodes that still run are asked to stop."""
    global _current
    # The row decides how a value is read, whatever the configuration says.
    _serialization.DefaultSerializer.deserialize = refuse_pickle  # type: ignore[assignment, method-assign]
    _current = _Current(executor=executor, limit=limit)
    before = os.umask(0o077)  # for the database and the files beside it
    try:
        DBOS(
            config={
                "name": "plinth",
                "system_database_url": url or f"sqlite:///{folder / 'workflow.sqlite'}",
                "executor_id": uuid.uuid4().hex,
                "application_version": f"{_VERSION}:{run_id}",
                "serializer": cast(Serializer, EncryptedJson(key_of(folder))),
                "log_level": "ERROR",
                "enable_otlp": False,
            }
        )
        DBOS.launch()
        yield _current
    finally:
        _current.stop.set()
        DBOS.destroy(workflow_completion_timeout_sec=0)
        os.umask(before)
        _current = None
