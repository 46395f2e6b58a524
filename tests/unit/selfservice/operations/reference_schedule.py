"""The graph functions by their definitions, however long they take: what the fast ones are compared with."""

from __future__ import annotations

from selfservice.operations.schedule import Graph


def in_order(graph: Graph) -> list[str]:
    """Each stack after those it needs, otherwise in the graph's own order."""
    ordered: dict[str, None] = {}

    def visit(stack: str) -> None:
        for need in graph[stack]:
            if need in graph and need not in ordered:
                visit(need)
        ordered[stack] = None

    for stack in graph:
        if stack not in ordered:
            visit(stack)
    return list(ordered)


def upstream_of(graph: Graph, stack: str) -> set[str]:
    """Every stack that ``stack`` needs, directly or through others."""
    direct = set(graph[stack])
    return direct.union(*(upstream_of(graph, need) for need in direct))


def reverse(graph: Graph) -> dict[str, list[str]]:
    """Each stack with those that need it."""
    return {stack: [other for other, needs in graph.items() if stack in needs] for stack in reversed(in_order(graph))}


class Schedule:
    """Looks at every waiting stack whenever it is asked."""

    def __init__(self, graph: Graph, *, limit: int) -> None:
        self.graph, self.limit = graph, limit
        self.waiting, self.running = in_order(graph), set[str]()

    @property
    def done(self) -> bool:
        return not self.waiting and not self.running

    def start(self) -> list[str]:
        unfinished = {*self.waiting, *self.running}
        ready = [stack for stack in self.waiting if not unfinished.intersection(self.graph[stack])]
        ready.sort(key=self._chain, reverse=True)
        chosen = ready[: self.limit - len(self.running)]
        self.waiting = [stack for stack in self.waiting if stack not in chosen]
        self.running.update(chosen)
        return chosen

    def _chain(self, stack: str) -> int:
        return 1 + max((self._chain(other) for other, needs in self.graph.items() if stack in needs), default=0)

    def finish(self, stack: str, *, succeeded: bool) -> list[str]:
        self.running.remove(stack)
        lost = set() if succeeded else {other for other in self.waiting if stack in upstream_of(self.graph, other)}
        return self._drop(lost)

    def stop(self) -> list[str]:
        return self._drop(set(self.waiting))

    def _drop(self, lost: set[str]) -> list[str]:
        dropped = [stack for stack in self.waiting if stack in lost]
        self.waiting = [stack for stack in self.waiting if stack not in lost]
        return dropped
