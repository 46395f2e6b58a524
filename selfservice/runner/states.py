"""Reads the states of several stacks in parallel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from selfservice.engine.backend import backend_of
from selfservice.runner.capacity import default_jobs
from selfservice.runner.project import Project


def resources_by_stack(project: Project, stacks: Sequence[str]) -> Mapping[str, list[Mapping[str, Any]]]:
    """Returns the resources in the state of each stack; an empty list for a stack that does not exist."""
    backend = backend_of(project.directory)
    found = {stack: backend.deployment(stack) for stack in stacks} if backend is not None else {}
    others = [stack for stack in stacks if found.get(stack) is None]
    with ThreadPoolExecutor(default_jobs()) as pool:
        asked = dict(zip(others, pool.map(lambda stack: _resources_of(project, stack), others), strict=True))
    return {
        stack: asked[stack] if stack in asked else list((found[stack] or {}).get("resources") or ()) for stack in stacks
    }


def existing_stacks(project: Project) -> frozenset[str]:
    """Returns the stacks that exist in the backend, including empty ones."""
    backend = backend_of(project.directory)
    if backend is not None:
        return backend.stacks()
    from selfservice.engine import automation as engine

    return frozenset(stack.name for stack in engine.ProjectWorkspace(project.directory).list_stacks())


def _resources_of(project: Project, stack: str) -> list[Mapping[str, Any]]:
    from pulumi import automation

    from selfservice.engine import automation as engine

    try:
        return engine.resources_of(engine.ProjectWorkspace(project.directory).export_stack(stack))
    except automation.CommandError:
        # It does not exist, or a killed engine left it unreadable. Its worker repairs the state and checks it again.
        return []
