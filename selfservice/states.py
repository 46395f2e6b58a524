"""Reads the states of several stacks at once, before anything is decided about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from selfservice.capacity import default_jobs
from selfservice.project import Project


def resources_by_stack(project: Project, stacks: Sequence[str]) -> Mapping[str, list[Mapping[str, Any]]]:
    """What each stack holds, as its state has it; nothing for one that was never made."""
    with ThreadPoolExecutor(default_jobs()) as pool:
        return dict(zip(stacks, pool.map(lambda stack: _resources_of(project, stack), stacks), strict=True))


def made_stacks(project: Project) -> frozenset[str]:
    """The stacks that the backend knows, whatever they hold."""
    from selfservice import engine

    return frozenset(stack.name for stack in engine.ProjectWorkspace(project.directory).list_stacks())


def _resources_of(project: Project, stack: str) -> list[Mapping[str, Any]]:
    from pulumi import automation

    from selfservice import engine

    try:
        return engine.resources_of(engine.ProjectWorkspace(project.directory).export_stack(stack))
    except automation.CommandError:
        # It was never made, or a killed engine left it unreadable: its worker mends that, and looks again.
        return []
