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

from selfservice.durable.node import Node, NodeResult, NodeStatus
from tests.support.graph_kills import child

LAYERS, KEYS = 3, 4
RUN, DIGEST = "killed", "digest"
LOG, CHILDREN, RUN_FOLDER = "log", "children", "run"
"""Files of a graph: the log of all processes, a FIFO that all children hold open, and the folder of the durable run."""
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
        text = (self.folder / f"{node.name}.result").read_text(encoding="ascii")
        return NodeResult(status=NodeStatus.SUCCEEDED, output={"text": text})


def execute(folder: Path, url: str) -> None:
    """Executes or continues the graph, in a process and a process group of its own. Fails if a result is wrong."""
    from selfservice.durable.run_lock import RunIsLockedError
    from selfservice.durable.workflow import URL_VARIABLE, GraphRun, run_graph

    os.setsid()
    os.environ[URL_VARIABLE] = url
    executor = ChildExecutor(folder, os.open(folder / CHILDREN, os.O_WRONLY))
    run = GraphRun(id=f"{RUN}-{folder.name}", nodes=nodes(), digest=DIGEST)
    while True:
        try:
            results = run_graph(run, executor, folder / RUN_FOLDER, limit=_PARALLEL, tick=lambda: True)
        except RunIsLockedError:
            time.sleep(_LOOK_SECONDS)  # PostgreSQL has not yet noticed the death of the process before
        else:
            break
    found = {name: result.output["text"] for name, result in (results or {}).items()}
    sys.exit(0 if found == expected() else 1)
