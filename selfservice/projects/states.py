"""Reads the states of several stacks in parallel."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.backend import backend_of, outputs_in
from selfservice.engine.import_discovery import Search
from selfservice.operations.limits import default_jobs
from selfservice.operations.schedule import upstream_of
from selfservice.projects.project import Project

_ORGANIZATION = "organization"
_OF_ORGANIZATIONS = "aws:organizations/"


def resources_by_stack(project: Project, stacks: Sequence[str]) -> Mapping[str, list[Mapping[str, Any]]]:
    """Returns the resources in the state of each stack; an empty list for a stack that does not exist."""
    return {stack: list(held.get("resources") or ()) for stack, held in deployments_by_stack(project, stacks).items()}


def outputs_of(project: Project, stack: str) -> Mapping[str, Any]:
    """Returns the outputs in the state of a stack; none for a stack that does not exist."""
    return outputs_in({"resources": resources_by_stack(project, [stack])[stack]})


def deployments_by_stack(project: Project, stacks: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Returns the state of each stack, which is empty for a stack that does not exist."""
    backend = backend_of(project.directory)
    found = {stack: backend.deployment(stack) for stack in stacks} if backend is not None else {}
    others = [stack for stack in stacks if found.get(stack) is None]
    with ThreadPoolExecutor(default_jobs()) as pool:
        asked = dict(zip(others, pool.map(lambda stack: _exported(project, stack), others), strict=True))
    return {stack: asked[stack] if stack in asked else (found[stack] or {}) for stack in stacks}


def states_read_by(project: Project, stacks: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Returns the states that a preview of stacks reads, as far as they exist.

    These are the states of the stacks, of those whose outputs they read, and of those that they must equal.
    """
    rehearsals = {project.rehearsals[stack] for stack in stacks if stack in project.rehearsals}
    upstream = {need for stack in stacks for need in upstream_of(project.graph, stack)}
    read = existing_stacks(project) & {*stacks, *upstream, *rehearsals}
    return deployments_by_stack(project, [stack for stack in project.graph if stack in read])


def account_of_organization(project: Project) -> Account | None:
    """Returns the management account with the credentials that deploy the organization; None if it is not deployed."""
    resources = resources_by_stack(project, [_ORGANIZATION])[_ORGANIZATION]
    found = next((resource for resource in resources if str(resource["type"]).startswith(_OF_ORGANIZATIONS)), None)
    return None if found is None else Search({"resources": resources}).account_of(found)


def existing_stacks(project: Project) -> frozenset[str]:
    """Returns the stacks that exist in the backend, including empty ones."""
    backend = backend_of(project.directory)
    if backend is not None:
        return backend.stacks()
    from selfservice.engine import automation as engine

    return frozenset(stack.name for stack in engine.ProjectWorkspace(project.directory).list_stacks())


def remove_states(project: Project, stacks: Sequence[str], *, with_resources: Collection[str] = ()) -> None:
    """Deletes empty stacks, and those in ``with_resources``, from the backend with their history. Settings files
    stay."""
    from selfservice.engine import automation as engine

    workspace = engine.ProjectWorkspace(project.directory)
    for stack in stacks:
        workspace.remove_stack(stack, preserve_config=True, force=stack in with_resources)


def _exported(project: Project, stack: str) -> Mapping[str, Any]:
    from pulumi import automation

    from selfservice.engine import automation as engine

    try:
        return engine.ProjectWorkspace(project.directory).export_stack(stack).deployment or {}
    except automation.CommandError:
        # It does not exist, or a killed engine left it unreadable. Its worker repairs the state and checks it again.
        return {}
