"""Schedules stacks by their dependencies under a parallelism limit. Pure functions and data, without processes.

All functions run in linear time, so that they also handle ten thousand stacks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from heapq import heappop, heappush

Graph = Mapping[str, Collection[str]]
"""The dependencies of each stack."""


class Schedule:
    """Returns stacks whose dependencies are done, and drops stacks whose dependencies failed.

    Of the stacks that could start, the one with the longest chain of dependents starts first. A long chain that starts
    late would otherwise run alone at the end.
    """

    def __init__(self, graph: Graph, *, limit: int) -> None:
        """A schedule of the stacks of ``graph``; needs that are not stacks of the graph count as met.

        Raises: ValueError when the limit is under 1 or the stacks need each other in a circle.
        """
        if limit < 1:
            raise ValueError(f"limit: {limit} is too low (at least 1)")
        self._limit = limit
        order = in_order(graph)
        self._place = {stack: place for place, stack in enumerate(order)}
        self._dependents = _dependents(graph, order)
        self._chain = longest_chains(self._dependents)
        self._waiting = set(graph)
        self._running: set[str] = set()
        self._ready: list[tuple[int, int, str]] = []
        """Heap of the stacks that are ready to start. Of chains of equal length, earlier stacks of the order start
        first."""
        self._sorter = TopologicalSorter(_inside(graph))
        self._sorter.prepare()

    @property
    def done(self) -> bool:
        return not self._waiting and not self._running

    def start(self) -> list[str]:
        """Returns the stacks to start now. They count as running until ``finish`` is called."""
        for stack in self._sorter.get_ready():
            heappush(self._ready, (-self._chain[stack], self._place[stack], stack))
        chosen: list[str] = []
        while self._waiting and self._ready and len(self._running) < self._limit:
            _, _, stack = heappop(self._ready)
            self._waiting.remove(stack)
            self._running.add(stack)
            chosen.append(stack)
        return chosen

    def finish(self, stack: str, *, succeeded: bool) -> list[str]:
        """Records that a stack ended and returns the stacks that can no longer start because of it."""
        self._running.remove(stack)
        if succeeded:
            self._sorter.done(stack)
            return []
        dropped: set[str] = set()
        pending = [stack]
        while pending:
            lost = self._waiting.intersection(self._dependents[pending.pop()])
            self._waiting -= lost
            dropped |= lost
            pending.extend(lost)
        return self._sorted(dropped)

    def stop(self) -> list[str]:
        """Starts no more stacks and returns those that were still waiting."""
        dropped, self._waiting = self._waiting, set()
        return self._sorted(dropped)

    def _sorted(self, stacks: Iterable[str]) -> list[str]:
        return sorted(stacks, key=self._place.__getitem__)


def in_order(graph: Graph) -> list[str]:
    """Returns the stacks in dependency order, and otherwise in the order of the graph.

    Raises: ValueError if the dependencies contain a cycle.
    """
    return _after_their_needs(graph, graph)


def reverse(graph: Graph) -> dict[str, list[str]]:
    """Returns the graph for destruction, in which each stack waits for its dependents."""
    return _dependents(graph, in_order(graph))


def _dependents(graph: Graph, order: Sequence[str]) -> dict[str, list[str]]:
    """Returns the dependents of each stack, for stacks in dependency order."""
    dependents: dict[str, list[str]] = {stack: [] for stack in reversed(order)}
    for stack, needs in _inside(graph).items():
        for need in needs:
            dependents[need].append(stack)
    return dependents


def longest_chains(dependents: Graph) -> dict[str, int]:
    """Returns the number of stacks in the longest chain that starts with each stack, given the dependents of each."""
    lengths: dict[str, int] = {}
    for stack in in_order(dependents):
        lengths[stack] = 1 + max((lengths[dependent] for dependent in dependents[stack]), default=0)
    return lengths


def restrict(graph: Graph, stacks: Collection[str]) -> dict[str, list[str]]:
    """Returns the graph of ``stacks`` alone. A dependency through an omitted stack becomes a direct one."""
    chosen = set(stacks)
    through: dict[str, dict[str, None]] = {}
    """The selected stacks that each omitted stack depends on."""
    found: dict[str, dict[str, None]] = {}
    for stack in _after_their_needs(graph, (stack for stack in graph if stack in chosen)):
        needs: dict[str, None] = {}
        for need in graph[stack]:
            needs.update({need: None} if need in chosen else through[need])
        (found if stack in chosen else through)[stack] = needs
    return {stack: list(found[stack]) for stack in graph if stack in chosen}


def rehearsed_first(graph: Graph, rehearsals: Mapping[str, str]) -> dict[str, list[str]]:
    """Returns the graph in which each stack also depends on its rehearsal, if the graph contains that."""
    first = {stack: rehearsal for stack, rehearsal in rehearsals.items() if rehearsal in graph}
    return {stack: [*needs, first[stack]] if stack in first else list(needs) for stack, needs in graph.items()}


def upstream_of(graph: Graph, stack: str) -> list[str]:
    """Returns all direct and indirect dependencies of ``stack`` in dependency order.

    Raises: ValueError if the dependencies contain a cycle.
    """
    return _after_their_needs(graph, [stack])[:-1]


def with_needs(graph: Graph, stacks: Iterable[str]) -> list[str]:
    """Returns the stacks and all their direct and indirect dependencies, in dependency order.

    Raises: ValueError if the dependencies contain a cycle.
    """
    return _after_their_needs(graph, stacks)


def _inside(graph: Graph) -> dict[str, dict[str, None]]:
    """Returns the graph without repeated dependencies and without dependencies outside the graph."""
    return {stack: {need: None for need in needs if need in graph} for stack, needs in graph.items()}


def _after_their_needs(graph: Graph, wanted: Iterable[str]) -> list[str]:
    """Returns the stacks and all their dependencies, depth first. Not recursive, because chains can be long."""
    ordered: dict[str, None] = {}
    for first in wanted:
        if first in ordered:
            continue
        path: dict[str, Iterator[str]] = {first: iter(graph[first])}
        while path:
            stack, needs = next(reversed(path.items()))
            need = next((need for need in needs if need in graph and need not in ordered), None)
            if need is None:
                del path[stack]
                ordered[stack] = None
            elif need in path:
                raise ValueError(f"these stacks need each other in a circle: {', '.join(path)}")
            else:
                path[need] = iter(graph[need])
    return list(ordered)
