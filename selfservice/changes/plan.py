"""The plan of a change: a graph of steps, as a pure function."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from selfservice.operations.schedule import Graph, in_order, rehearsed_first, restrict

SETTINGS, FIRST_COMMIT, CATALOG = "settings", "first-commit", "catalog"
"""Names of the steps that are not of a stack. No stack has them, because a step of a stack begins with ``stack:``."""
_STACK = "stack:"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a plan."""

    name: str
    kind: str
    """Kind of the step. Steps of a stack are of the kind ``stack`` or ``destroy``; others are named like a call."""
    needs: tuple[str, ...]
    stack: str = ""
    approved: tuple[str, ...] = ()
    """Changes that the update of the stack may make, as :func:`steps_of` writes them."""


def plan(
    graph: Graph, rehearsals: Mapping[str, str], affected: Collection[str], approved: Mapping[str, Sequence[str]]
) -> tuple[Step, ...]:
    """Returns the steps in an order in which each follows its needs. No affected stack gives no steps.

    ``graph`` contains the stacks of the changed settings. The settings are committed first, because they say what is to
    be deployed. The team catalog is written at the end, because it contains outputs of the stacks.
    """
    if not affected:
        return ()
    chosen = rehearsed_first(restrict(graph, affected), rehearsals)
    stacks = [
        Step(
            name=f"{_STACK}{stack}",
            kind="stack",
            needs=(SETTINGS, *(f"{_STACK}{need}" for need in dict.fromkeys(chosen[stack]))),
            stack=stack,
            approved=tuple(approved.get(stack, ())),
        )
        for stack in in_order(chosen)
    ]
    first = Step(name=SETTINGS, kind="settings", needs=())
    last = Step(name=CATALOG, kind="catalog", needs=(SETTINGS, *(step.name for step in stacks)))
    return (first, *stacks, last)


def with_first_commit(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Returns a plan that also pushes the first commit of a use case, when its stacks are deployed."""
    *stacks, last = steps
    push = Step(name=FIRST_COMMIT, kind="first-commit", needs=tuple(step.name for step in stacks))
    return (*stacks, push, replace(last, needs=(*last.needs, FIRST_COMMIT)))
