"""Refuses to destroy stacks that are protected or that other stacks depend on, before anything is deleted."""

from __future__ import annotations

from collections.abc import Sequence

from selfservice.errors import RefusedError
from selfservice.formatting import resource_name
from selfservice.runner.project import Project
from selfservice.runner.states import resources_by_stack

HOW_TO_LIFT = "to remove it all the same, lift its protection first (pulumi state unprotect)"


def refuse_protected(project: Project, stacks: Sequence[str]) -> None:
    """Raises RefusedError with every protected resource in the states of the stacks."""
    from selfservice.engine import automation as engine

    found = resources_by_stack(project, stacks)
    guarded = [f"{stack}: {resource_name(urn)}" for stack, held in found.items() for urn in engine.protected(held)]
    if guarded:
        listed = "\n  ".join(guarded)
        raise RefusedError(
            f"nothing was destroyed, for these are protected against deletion:\n  {listed}\n{HOW_TO_LIFT}"
        )


def refuse_needed(project: Project, stacks: Sequence[str]) -> None:
    """Raises RefusedError with every other deployed stack that depends on one of these."""
    needing = {stack: sorted(set(needs) & set(stacks)) for stack, needs in project.graph.items() if stack not in stacks}
    found = resources_by_stack(project, [stack for stack, needs in needing.items() if needs])
    dependents = [f"{stack} needs {', '.join(needing[stack])}" for stack, held in found.items() if held]
    if dependents:
        listed = "\n  ".join(dependents)
        raise RefusedError(
            f"nothing was destroyed, for other stacks stand on it:\n  {listed}\n"
            "destroy them too, or name the whole team with --team"
        )
