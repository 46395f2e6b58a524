"""Random graphs with failures end as a pure function predicts."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfservice.durable.node import Node, NodeResult, NodeStatus
from selfservice.durable.workflow import GraphRun, run_graph, sqlite_fault

Statuses = Mapping[str, NodeStatus]


@dataclass
class Witness:
    """Returns or raises what is planned for a node. Records what began and what a node saw of its needs."""

    raises: set[str]
    fails: set[str]
    began: list[str] = field(default_factory=list)
    saw: dict[str, dict[str, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, run_id: str, node: Node, needs: Mapping[str, NodeResult], stop: threading.Event) -> NodeResult:
        with self._lock:
            self.began.append(node.name)
            self.saw[node.name] = {name: need.output["name"] for name, need in needs.items()}
        if node.name in self.raises:
            raise OSError("planned")
        status = NodeStatus.FAILED if node.name in self.fails else NodeStatus.SUCCEEDED
        return NodeResult(status=status, output={"name": node.name})


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Node, ...]:
    """Graphs of up to 12 nodes in any order, of which each needs some that have a smaller number."""
    count = draw(st.integers(1, 12))
    needs = [draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set() for number in range(count)]
    found = [Node(name=f"n{at}", needs=tuple(f"n{need}" for need in sorted(each))) for at, each in enumerate(needs)]
    return tuple(draw(st.permutations(found)))


def predicted(nodes: tuple[Node, ...], bad: set[str]) -> dict[str, str]:
    """Returns the status of each node if exactly ``bad`` fail when they run."""
    found: dict[str, str] = {}
    for node in sorted(nodes, key=lambda graph_node: int(graph_node.name[1:])):
        blocked = any(found[need] != "succeeded" for need in node.needs)
        found[node.name] = "skipped" if blocked else "failed" if node.name in bad else "succeeded"
    return found


@pytest.mark.skipif(bool(sqlite_fault()), reason=sqlite_fault())
@settings(max_examples=6, deadline=None)
@given(nodes=graphs(), data=st.data())
def test_every_node_ends_as_its_needs_allow(nodes: tuple[Node, ...], data: st.DataObject) -> None:
    names = st.sampled_from([node.name for node in nodes])
    raises, fails = data.draw(st.sets(names, max_size=1)), data.draw(st.sets(names, max_size=2))
    run = GraphRun(id="random", nodes=nodes, digest="1")
    with TemporaryDirectory() as folder:
        first = Witness(raises, fails)
        results = run_graph(run, first, Path(folder), limit=3, tick=lambda: True)
        assert results is not None
        before = predicted(nodes, raises | fails)
        assert {name: str(result.status) for name, result in results.items()} == before
        assert sorted(first.began) == sorted(name for name, status in before.items() if status != "skipped")
        for node in nodes:
            if node.name in first.saw:
                assert first.saw[node.name] == {need: need for need in node.needs}
                assert all(first.began.index(need) < first.began.index(node.name) for need in node.needs)
        second = Witness(set(), set())
        results = run_graph(run, second, Path(folder), limit=3, tick=lambda: True)
        assert results is not None
        assert all(result.status is NodeStatus.SUCCEEDED for result in results.values())
        assert sorted(second.began) == sorted(name for name, status in before.items() if status != "succeeded")
