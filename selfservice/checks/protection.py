"""Refuses to destroy stacks that are protected, before anything is deleted."""

from __future__ import annotations

from collections.abc import Sequence

from selfservice.errors import RefusedError
from selfservice.formatting import resource_name
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack

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
