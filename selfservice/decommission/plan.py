"""The plans of a decommission and of a retirement: graphs of steps, as pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from selfservice.changes.plan import CATALOG, SETTINGS, Step
from selfservice.operations.schedule import Graph, in_order, rehearsed_first, restrict, reverse

EVIDENCE, RESIDUE = "evidence", "residue"
_STACK, _DESTROY = "stack:", "destroy:"


def decommission_plan(
    team: str,
    kept: Graph,
    rehearsals: Mapping[str, str],
    affected: Collection[str],
    removed: Graph,
    approved: Mapping[str, Sequence[str]],
) -> tuple[Step, ...]:
    """Returns the steps in an order in which each follows its needs.

    ``kept`` are the stacks of the settings without the team, of which ``affected`` are updated. ``removed`` are the
    stacks of the team. Evidence is kept first. The stack of the accounts is destroyed last, after what is left in them
    was listed, because its destruction moves the accounts to a unit where nobody can read anything.
    """
    updates = rehearsed_first(restrict(kept, affected), rehearsals)
    destroyed = reverse(removed)
    emptied = [f"{_DESTROY}{stack}" for stack in destroyed if stack != team]
    steps = _beginning(updates, approved)
    before = (SETTINGS, *(f"{_STACK}{stack}" for stack in updates))
    for stack in in_order(destroyed):
        if stack == team:
            continue
        steps.append(_destruction(stack, (*before, *(f"{_DESTROY}{need}" for need in destroyed[stack])), approved))
    steps.append(Step(name=RESIDUE, kind="residue", needs=(EVIDENCE, *before, *emptied)))
    if team in destroyed:
        steps.append(_destruction(team, (RESIDUE, *emptied), approved))
    steps.append(Step(name=CATALOG, kind="catalog", needs=tuple(step.name for step in steps)))
    return tuple(steps)


def retirement_plan(
    use_case: str,
    kept: Graph,
    rehearsals: Mapping[str, str],
    affected: Collection[str],
    approved: Mapping[str, Sequence[str]],
) -> tuple[Step, ...]:
    """Returns the steps that retire a use case, which is named like its stack.

    ``kept`` are the stacks of the settings without the use case, of which ``affected`` are updated before its stack is
    destroyed.
    """
    steps = _beginning(rehearsed_first(restrict(kept, affected), rehearsals), approved)
    before = tuple(step.name for step in steps if step.name != EVIDENCE)
    steps.append(_destruction(use_case, before, approved))
    steps.append(Step(name=CATALOG, kind="catalog", needs=tuple(step.name for step in steps)))
    return tuple(steps)


def _beginning(updates: Graph, approved: Mapping[str, Sequence[str]]) -> list[Step]:
    """Returns the steps before the first destruction: evidence, settings and updates."""
    return [
        Step(name=EVIDENCE, kind="evidence", needs=()),
        Step(name=SETTINGS, kind="settings", needs=(EVIDENCE,)),
        *(
            Step(
                name=f"{_STACK}{stack}",
                kind="stack",
                needs=(SETTINGS, *(f"{_STACK}{need}" for need in dict.fromkeys(updates[stack]))),
                stack=stack,
                approved=tuple(approved.get(stack, ())),
            )
            for stack in in_order(updates)
        ),
    ]


def _destruction(stack: str, needs: tuple[str, ...], approved: Mapping[str, Sequence[str]]) -> Step:
    return Step(
        name=f"{_DESTROY}{stack}", kind="destroy", needs=needs, stack=stack, approved=tuple(approved.get(stack, ()))
    )
