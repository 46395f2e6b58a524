"""Finds the dependencies of selected stacks that were never deployed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from selfservice.errors import RefusedError
from selfservice.operations.schedule import with_needs
from selfservice.projects.project import Project
from selfservice.projects.states import existing_stacks, resources_by_stack

_SHOWN = 3
"""Number of dependents in a message."""


def undeployed_needs(project: Project, stacks: Sequence[str]) -> Mapping[str, list[str]]:
    """Returns the missing dependencies, direct and indirect, each with the stacks that need it.

    A dependency is missing if it is not among ``stacks`` and has no outputs, because it was never deployed or its first
    deployment failed. Dependencies of a deployed stack count as deployed.
    """
    chosen = set(stacks)
    others = [stack for stack in with_needs(project.graph, stacks) if stack not in chosen]
    if not others:
        return {}
    existing = existing_stacks(project)
    held = resources_by_stack(project, [stack for stack in others if stack in existing])
    missing: dict[str, list[str]] = {}
    pending = list(stacks)
    for stack in pending:  # grows while it is read
        for need in project.graph[stack]:
            if need in chosen or _has_outputs(held.get(need, ())):
                continue
            if need not in missing:
                missing[need] = []
                pending.append(need)
            missing[need].append(stack)
    return {stack: missing[stack] for stack in others if stack in missing}


def refuse_undeployed_needs(missing: Mapping[str, Sequence[str]]) -> None:
    """Raises RefusedError with every missing dependency and the stacks that need it."""
    if missing:
        listed = "\n  ".join(f"{stack}, which {_needed_by(needing)}" for stack, needing in missing.items())
        raise RefusedError(
            f"nothing was touched, because the selected stacks need others that were never deployed:\n  {listed}\n"
            "add --with-needs to deploy these too"
        )


def _has_outputs(resources: Iterable[Mapping[str, Any]]) -> bool:
    """Returns whether a state has outputs. Every stack has some once a deployment has succeeded."""
    return any(each["type"] == "pulumi:pulumi:Stack" and each.get("outputs") for each in resources)


def _needed_by(needing: Sequence[str]) -> str:
    shown = [*needing[:_SHOWN], *([f"{len(needing) - _SHOWN} more"] if len(needing) > _SHOWN else [])]
    return f"{', '.join(shown)} {'needs' if len(needing) == 1 else 'need'}"
