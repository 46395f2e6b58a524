"""The graph that is killed: three layers of four nodes, whose results depend on the results of their needs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.waiting import eventually
from selfservice.durable.node import Node, NodeResult, NodeStatus
from tests.support.graph_kills import child

LAYERS, KEYS = 3, 4
RUN, DIGEST = "killed", "digest"
LOG, CHILDREN, RUN_FOLDER, HOLD = "log", "children", "run", "hold"
"""Files of a graph: the log of all processes, a FIFO that all children hold open, the folder of the durable run, and a
number of lines of the log after which nothing is recorded before a kill."""
_PARALLEL = 3
_LOOK_SECONDS = 0.02


def nodes() -> tuple[Node, ...]:
    """Returns the nodes. Nodes of one column have the same key, and each needs two nodes of the layer before it."""
    return tuple(
        Node(
            name=f"{layer}-{column}",
            needs=(f"{layer - 1}-{column}", f"{layer - 1}-{(column + 1) % KEYS}") if layer else (),
            input={"key": str(column)},
        )
        for layer in range(LAYERS)
        for column in range(KEYS)
    )


def expected() -> dict[str, str]:
    """Returns the right result of each node."""
    found: dict[str, str] = {}
    for node in nodes():
        text = " ".join([node.name, *(found[need] for need in node.needs)])
        found[node.name] = hashlib.sha256(text.encode()).hexdigest()
    return found


@dataclass(frozen=True, slots=True)
class ChildExecutor:
    """Runs each node as a child process. A child of an earlier process keeps the lock of its key until it has ended."""

    folder: Path
    children: int
    """Descriptor of the FIFO, which each child inherits."""

    def run(self, _run_id: str, node: Node, needs: Mapping[str, NodeResult], _stop: threading.Event, /) -> NodeResult:
        log = os.open(self.folder / LOG, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(log, f"launched {node.name} {os.getpgrp()} {os.getpid()} {time.monotonic()}\n".encode())
        finally:
            os.close(log)
        needed = [str(needs[name].output["text"]) for name in node.needs]
        command = [sys.executable, "-I", "-S", child.__file__, str(self.folder), node.name, node.input["key"], *needed]
        subprocess.run(command, check=True, pass_fds=(self.children,))
        eventually(lambda: not self._is_held(), every_seconds=_LOOK_SECONDS)
        text = (self.folder / f"{node.name}.result").read_text(encoding="ascii")
        return NodeResult(status=NodeStatus.SUCCEEDED, output={"text": text})

    def _is_held(self) -> bool:
        """Returns whether this process is about to be killed."""
        try:
            lines = int((self.folder / HOLD).read_text(encoding="ascii"))
        except FileNotFoundError:
            return False
        return len((self.folder / LOG).read_text(encoding="ascii").splitlines()) >= lines


def execute(folder: Path, url: str) -> None:
    """Executes or continues the graph, in a process and a process group of its own. Fails if a result is wrong."""
    from selfservice.durable.run_lock import RunIsLockedError
    from selfservice.durable.workflow import URL_VARIABLE, GraphRun, run_graph

    os.setsid()
    os.environ[URL_VARIABLE] = url
    executor = ChildExecutor(folder, os.open(folder / CHILDREN, os.O_WRONLY))
    run = GraphRun(id=f"{RUN}-{folder.name}", nodes=nodes(), digest=DIGEST)
    # PostgreSQL may not yet have noticed the death of the process before.
    results = eventually(
        lambda: run_graph(run, executor, folder / RUN_FOLDER, limit=_PARALLEL, tick=lambda: True),
        ignored=RunIsLockedError,
        every_seconds=_LOOK_SECONDS,
    )
    assert results
    found = {name: result.output["text"] for name, result in results.items()}
    sys.exit(0 if found == expected() else 1)
