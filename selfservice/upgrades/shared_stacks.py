"""The shared stacks on which teams depend, which are upgraded first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from selfservice.errors import RefusedError
from selfservice.operations.operation import Outcome
from selfservice.operations.schedule import Graph, upstream_of
from settings.derived.stack_graph import StackIdentity


def refuse_outdated_shared(
    graph: Graph, stacks: Sequence[str], preview: Callable[[Sequence[str]], Mapping[str, Outcome]]
) -> None:
    """Raises RefusedError if a shared stack on which some stacks depend would change, because it comes first."""
    needed = {need for stack in stacks for need in upstream_of(graph, stack)}
    shared = [stack for stack in graph if stack in needed and StackIdentity.parse(stack).team is None]
    outcomes = preview(shared) if shared else {}
    outdated = [stack for stack, outcome in outcomes.items() if outcome.changes or outcome.problems]
    if outdated:
        names = " ".join(outdated)
        raise RefusedError(f"nothing was changed: upgrade the shared stacks first with `plinth up {names}`")
