"""Recovers a stack whose engine was killed while it created resources.

Such a state lists *pending operations*: creations whose result the engine did not receive. The resource may or may not
exist. An update would create it again, and an AWS account cannot simply be deleted. So recovery looks up each resource
and imports existing ones into the state. (``pulumi refresh --import-pending-creates`` only marks the operation, and the
following refresh drops it. Therefore the state itself is edited and imported.)
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pulumi import automation

from selfservice.engine import automation as engine
from selfservice.engine.import_discovery import Search, is_repeatable
from selfservice.engine.orphaned_processes import reap
from selfservice.runner.events import STACK_TYPE

State = Mapping[str, Any]


def recover(stack: automation.Stack, lock_path: Path, notify: Callable[[str], None]) -> None:
    """Resolves every pending operation of the stack. The caller holds the stack lock ``lock_path``.

    Raises: automation.ConcurrentUpdateError if an engine is still running these operations.
    """
    _acquire_backend_lock_once(stack)
    reap(lock_path, notify)
    exported = stack.export_stack()
    deployment = exported.deployment or {}
    # For operations other than creations, the resource is in the state, and a refresh reads its current values.
    begun = [o["resource"] for o in engine.pending_operations_of(exported) if o["type"] == "creating"]
    search = Search(deployment)
    found = {r["urn"]: identity for r in begun if not is_repeatable(r) and (identity := search.find(r)) is not None}
    exported.deployment = without_pending_operations(deployment, found)
    stack.import_stack(exported)
    if found:
        # Some lookups only compose an id. The refresh drops those that do not exist.
        stack.refresh(target=list(found), parallel=16, show_secrets=False, color="never", on_output=engine.log)
    kept = {resource["urn"]: resource.get("id") for resource in engine.resources_of(stack.export_stack())}
    for resource in begun:
        notify(_explanation(resource, kept.get(resource["urn"])))


def _explanation(resource: State, identity: str | None) -> str:
    name = str(resource["urn"]).rpartition("::")[2]
    if identity is not None:
        return f"{name} had been created when the engine was killed: taken over as {identity}"
    if is_repeatable(resource):
        return f"{name} may have been created when the engine was killed: it will be once more, to the same effect"
    return f"{name} had not been created when the engine was killed: it will be now"


def without_pending_operations(deployment: State, found: Mapping[str, str]) -> dict[str, Any]:
    """Returns the deployment without pending operations and with the found resources (URN -> provider's id)."""
    result = copy.deepcopy(dict(deployment))
    resources = result.setdefault("resources", [])
    known = {resource["urn"] for resource in resources}
    for operation in result.pop("pending_operations", None) or []:
        resource = operation["resource"]
        identity = found.get(resource["urn"])
        if identity is not None and resource["urn"] not in known:
            # Its dependencies were complete before its creation began, so it can be appended to the list.
            resources.append({**resource, "id": identity, "outputs": dict(resource.get("inputs") or {})})
            known.add(resource["urn"])
    return result


def _acquire_backend_lock_once(stack: automation.Stack) -> None:
    """Acquires and releases the backend's lock, which fails if a running engine owns the pending operations."""
    root = next(r for r in engine.resources_of(stack.export_stack()) if r["type"] == STACK_TYPE)
    stack.refresh(target=[root["urn"]], parallel=1, show_secrets=False, color="never", on_output=engine.log)
