"""Finds the deployed stacks that depend on stacks to be destroyed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selfservice.errors import RefusedError
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack


def deployed_dependents(project: Project, stacks: Sequence[str]) -> Mapping[str, list[str]]:
    """Returns the deployed stacks that depend on these, directly or not, each with the dependencies that are affected.

    Stacks of published data do not count as dependents of a team's stacks: they hold data of other teams too, and only
    share it (see :func:`sharing_stacks`).
    """
    reached = dict.fromkeys(stacks, True)
    affected: dict[str, list[str]] = {}
    for stack, needs in project.graph.items():
        lost = [need for need in needs if need in reached and not _is_share(stack, need)]
        if lost and stack not in reached:
            reached[stack] = True
            affected[stack] = lost
    return _deployed(project, affected)


def sharing_stacks(project: Project, stacks: Sequence[str]) -> list[str]:
    """Returns the deployed stacks of published data that share it with the teams or environments of these stacks."""
    chosen = set(stacks)
    sharing: dict[str, list[str]] = {}
    for stack, needs in project.graph.items():
        readers = [need for need in needs if need in chosen and _is_share(stack, need)]
        if readers and stack not in chosen:
            sharing[stack] = readers
    return list(_deployed(project, sharing))


def refuse_needed(dependents: Mapping[str, Sequence[str]]) -> None:
    """Raises RefusedError with every deployed stack that depends on a stack to be destroyed."""
    if dependents:
        listed = "\n  ".join(f"{stack} needs {', '.join(needs)}" for stack, needs in dependents.items())
        raise RefusedError(
            f"nothing was destroyed, because other stacks depend on what you selected:\n  {listed}\n"
            "add --with-dependents to destroy these too"
        )


def _deployed(project: Project, found: Mapping[str, list[str]]) -> dict[str, list[str]]:
    held = resources_by_stack(project, list(found))
    return {stack: needs for stack, needs in found.items() if held[stack]}


def _is_share(stack: str, need: str) -> bool:
    """Returns whether published data depends on a stack only because it is shared with its team."""
    from settings.derived.stack_graph import StackIdentity

    published = StackIdentity.parse(stack).kind in ("dataset", "feature-group")
    return published and StackIdentity.parse(need).team is not None
