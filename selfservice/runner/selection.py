"""Selects the stacks of a command from its arguments."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from selfservice.errors import BadInputError, RefusedError
from selfservice.operations.schedule import Graph

_DURABLE = "organization"
_LISTED_NAMES = 40
"""Number of names in the hint for an unknown one; a larger organization has hundreds of teams."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The stacks that a command names: by stack, by team, or all. Stacks and teams combine."""

    stacks: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    everything: bool = False


def select(graph: Graph, selection: Selection) -> list[str]:
    """Returns the selected stacks in the order of the graph.

    Raises: BadInputError if nothing is selected, if everything is selected beside stacks or teams, or if a stack or a
    team is not in the settings.
    """
    named = bool(selection.stacks or selection.teams)
    if named == selection.everything:
        raise BadInputError("name stacks, or teams with --team, or everything with --all")
    if selection.everything:
        return list(graph)
    faults = [_unknown("stack", stack, graph) for stack in selection.stacks if stack not in graph]
    wanted = set(selection.stacks)
    for team in selection.teams:
        own = _of_team(graph, team)
        wanted.update(own)
        if not own:
            faults.append(_unknown("team", team, _teams(graph)))
    if faults:
        raise BadInputError("\n".join(faults))
    return [stack for stack in graph if stack in wanted]


def refuse_durable(stacks: Sequence[str]) -> None:
    """Raises RefusedError if the stack ``organization`` is selected for destruction."""
    if _DURABLE in stacks:
        raise RefusedError(
            f"{_DURABLE} is durable: it holds the accounts of everybody and is never destroyed by this command. "
            "Name the stacks to destroy, or a team with --team."
        )


def _of_team(graph: Graph, team: str) -> list[str]:
    """Returns the stacks of a team; those of a team with a longer name have the same prefix."""
    from settings.derived.stack_graph import StackIdentity

    named = [stack for stack in graph if stack == team or stack.startswith(f"{team}-")]
    return [stack for stack in named if StackIdentity.parse(stack).team == team]


def _teams(graph: Graph) -> list[str]:
    from settings.derived.stack_graph import StackIdentity

    return sorted({team for stack in graph if (team := StackIdentity.parse(stack).team) is not None})


def _unknown(kind: str, name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {_listed(known)}"
    return f"there is no {kind} {name!r} in these settings: {hint}"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = [f"{len(every) - _LISTED_NAMES} more"] if len(every) > _LISTED_NAMES else []
    return ", ".join([*every[:_LISTED_NAMES], *more]) or "none"
