"""Selects the stacks of a command from its arguments."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from selfservice.errors import BadInputError, RefusedError
from selfservice.runner.schedule import Graph

_DURABLE = "organization"


def select(graph: Graph, *, stacks: Sequence[str], team: str | None, everything: bool) -> list[str]:
    """Returns the selected stacks in the order of the graph.

    Raises: BadInputError if there is not exactly one kind of selection, or if a stack is not in the settings.
    """
    ways = [bool(stacks), team is not None, everything]
    if sum(ways) != 1:
        raise BadInputError("name one or more stacks, or a team with --team, or everything with --all")
    if everything:
        return list(graph)
    wanted = dict.fromkeys(_of_team(graph, team) if team is not None else stacks)
    unknown = [stack for stack in wanted if stack not in graph]
    if unknown:
        raise BadInputError("\n".join(_not_there(stack, graph) for stack in unknown))
    return [stack for stack in graph if stack in wanted]


def refuse_durable(stacks: Sequence[str]) -> None:
    """Raises RefusedError if the stack ``organization`` is selected for destruction."""
    if _DURABLE in stacks:
        raise RefusedError(
            f"{_DURABLE} is durable: it holds the accounts of everybody and is never destroyed by this command. "
            "Name the stacks to destroy, or a team with --team."
        )


def _of_team(graph: Graph, team: str) -> list[str]:
    from settings.derived.stack_graph import StackIdentity

    named = [stack for stack in graph if stack == team or stack.startswith(f"{team}-")]
    own = [stack for stack in named if StackIdentity.parse(stack).team == team]
    return own or [team]


def _not_there(stack: str, graph: Graph) -> str:
    near = difflib.get_close_matches(stack, graph, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(graph)}"
    return f"{stack!r} is no stack of these settings: {hint}"
