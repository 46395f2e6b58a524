"""Which stacks may go now: a dependency graph worked off under a bound. Pure, knows neither time nor processes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

Graph = Mapping[str, Collection[str]]
"""Stack -> the stacks that it needs."""


class Schedule:
    """Hands out stacks whose needs are met, and drops those whose needs cannot be met any more."""

    def __init__(self, graph: Graph, *, limit: int) -> None:
        """A schedule of the stacks of ``graph``; needs that are not stacks of the graph count as met.

        Raises: ValueError when the limit is under 1 or the stacks need each other in a circle.
        """
        if limit < 1:
            raise ValueError(f"limit: {limit} is too low (at least 1)")
        self._needs = {stack: {need for need in needs if need in graph} for stack, needs in graph.items()}
        self._limit = limit
        self._waiting = in_order(graph)
        self._running: set[str] = set()

    @property
    def done(self) -> bool:
        return not self._waiting and not self._running

    def start(self) -> list[str]:
        """The stacks to start now. They count as running until they are finished."""
        unfinished = self._running.union(self._waiting)
        ready = [stack for stack in self._waiting if not self._needs[stack] & unfinished]
        chosen = ready[: self._limit - len(self._running)]
        self._waiting = [stack for stack in self._waiting if stack not in chosen]
        self._running.update(chosen)
        return chosen

    def finish(self, stack: str, *, succeeded: bool) -> list[str]:
        """Take note that a stack ended; returns the stacks that will therefore never start."""
        self._running.remove(stack)
        if succeeded:
            return []
        lost = {stack}
        for candidate in self._waiting:  # in dependency order, so one pass reaches the dependents of dependents
            if self._needs[candidate] & lost:
                lost.add(candidate)
        dropped = [candidate for candidate in self._waiting if candidate in lost]
        self._waiting = [candidate for candidate in self._waiting if candidate not in lost]
        return dropped

    def stop(self) -> list[str]:
        """Start nothing more; returns the stacks that will therefore never start."""
        dropped, self._waiting = self._waiting, []
        return dropped


def in_order(graph: Graph) -> list[str]:
    """The stacks of a graph, each after those it needs, otherwise in the graph's own order.

    Raises: ValueError when the stacks need each other in a circle.
    """
    ordered: dict[str, None] = {}
    path: list[str] = []

    def visit(stack: str) -> None:
        if stack in path:
            raise ValueError(f"these stacks need each other in a circle: {', '.join(path)}")
        path.append(stack)
        for need in graph[stack]:
            if need in graph and need not in ordered:
                visit(need)
        path.pop()
        ordered[stack] = None

    for stack in graph:
        if stack not in ordered:
            visit(stack)
    return list(ordered)


def reverse(graph: Graph) -> dict[str, list[str]]:
    """The graph for taking down: each stack needs those gone that needed it."""
    return {stack: [other for other, needs in graph.items() if stack in needs] for stack in reversed(in_order(graph))}


def restrict(graph: Graph, stacks: Collection[str]) -> dict[str, list[str]]:
    """The part of a graph between ``stacks``; a need that runs through a stack left out is kept."""
    return {
        stack: [other for other in graph if other in stacks and other in upstream_of(graph, stack)]
        for stack in graph
        if stack in stacks
    }


def rehearsed_first(graph: Graph, rehearsals: Mapping[str, str]) -> dict[str, list[str]]:
    """The graph in which a stack also needs the one that it has to equal, where that is a part of it."""
    first = {stack: rehearsal for stack, rehearsal in rehearsals.items() if rehearsal in graph}
    return {stack: [*needs, first[stack]] if stack in first else list(needs) for stack, needs in graph.items()}


def upstream_of(graph: Graph, stack: str) -> list[str]:
    """Every stack that ``stack`` needs, directly or through others, in the order to bring them up."""
    found: set[str] = set()
    pending = list(graph[stack])
    while pending:
        need = pending.pop()
        if need not in found:
            found.add(need)
            pending.extend(graph[need])
    return [candidate for candidate in in_order(graph) if candidate in found]
