"""Two thousand operations on stacks in a cluster: ``python -m benchmarks.operations``.

Measures the durable graph itself, with operations that do nothing: the processor time for each operation among 250 and
among 2,000. Then it schedules the stacks of 222 teams in simulated time, as ``plinth up --all --remote`` starts them,
for each number of pods that may run at the same time. In this model every operation takes as long as every other one,
a pod starts at once, and no operation fails. The floor of each duration is the longest chain of stacks, or all
operations divided by the pods, whichever is longer.

``PLINTH_WORKFLOWS_URL`` selects a PostgreSQL database instead of SQLite.
"""

from __future__ import annotations

import argparse
import heapq
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import processor_seconds
from benchmarks.organizations import STACKS_PER_TEAM, write_organization
from selfservice.durable.node import Node, NodeResult, NodeStatus
from selfservice.durable.workflow import GraphRun, run_graph
from selfservice.operations.schedule import Graph, Schedule, longest_chains, restrict, reverse
from selfservice.projects.project import open_project
from tests.support.workbench import REPOSITORY

FEW, MANY = 250, 2_000
_CHAIN = 5
"""Operations of a chain: each waits for the one before."""
_PODS = (8, 32, 100)


@dataclass(frozen=True, slots=True)
class Used:
    """Time that a graph took for each of its operations."""

    processor_ms: float
    wall_ms: float


class _Nothing:
    """The executor of operations that do nothing."""

    def run(self, run_id: str, node: Node, needs: Mapping[str, NodeResult], stop: threading.Event) -> NodeResult:
        del run_id, node, needs, stop
        return NodeResult(status=NodeStatus.SUCCEEDED)


def run_operations(count: int, folder: Path) -> Used:
    """Runs a graph of so many operations that do nothing. Raises: RuntimeError if one did not succeed."""
    nodes = [Node(name=f"n{index}", needs=(f"n{index - 1}",) if index % _CHAIN else ()) for index in range(count)]
    run = GraphRun(id=f"operations-{secrets.token_hex(4)}", nodes=nodes, digest="1")
    began, used = time.monotonic(), processor_seconds()
    results = run_graph(run, _Nothing(), folder / run.id, limit=max(_PODS), tick=lambda: True) or {}
    succeeded = sum(result.status is NodeStatus.SUCCEEDED for result in results.values())
    if succeeded != count:
        raise RuntimeError(f"{succeeded} of {count} operations succeeded")
    return Used((processor_seconds() - used) * 1000 / count, (time.monotonic() - began) * 1000 / count)


def stacks_of_teams(teams: int, folder: Path) -> Graph:
    """Returns the graph of the stacks of so many teams, without those of their datasets."""
    write_organization(folder, teams, main=REPOSITORY, virtualenv=Path(sys.prefix))
    graph = open_project(folder).graph
    return restrict(graph, [stack for stack in graph if not stack.startswith("data-lake--")])


def simulated(graph: Graph, pods: int) -> int:
    """Returns how long all operations take if so many run at the same time, in lengths of one operation."""
    schedule, now = Schedule(graph, limit=pods), 0
    running: list[tuple[int, str]] = []
    while not schedule.done:
        for stack in schedule.start():
            heapq.heappush(running, (now + 1, stack))
        now, ended = heapq.heappop(running)
        schedule.finish(ended, succeeded=True)
    return now


def floor_of(graph: Graph, pods: int) -> int:
    """Returns the least that they could take."""
    return max(*longest_chains(reverse(graph)).values(), -(-len(graph) // pods))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.operations", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="Length of an operation in the model. Default: 60.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plinth-operations-") as folder:
        used = {count: run_operations(count, Path(folder)) for count in (FEW, MANY)}
        graph = stacks_of_teams(MANY // STACKS_PER_TEAM, Path(folder) / "settings")
    for count, times in used.items():
        print(
            f"{count:5} operations that do nothing: {times.processor_ms:.1f} ms of a processor, "
            f"{times.wall_ms:.1f} ms each"
        )
    print(f"ratio: {used[MANY].processor_ms / used[FEW].processor_ms:.2f}")
    print(f"{len(graph)} stacks, {options.seconds:g} s each:")
    for pods in _PODS:
        took, floor = simulated(graph, pods), floor_of(graph, pods)
        minutes = took * options.seconds / 60
        print(f"  {pods:3} pods: {minutes:6.0f} min, {took / floor:.2f} times the floor")


if __name__ == "__main__":
    main()
