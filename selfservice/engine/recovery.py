"""Recovers a stack whose engine or provider plugin was killed while it created resources.

The state of a killed engine lists *pending operations*: creations whose result the engine did not receive. If a plugin
ended alone, they are *unanswered operations*, which the state does not list. The resource may or may not exist. An
update would create it again, and an AWS account cannot simply be deleted. So recovery looks up each resource and
imports existing ones into the state. (``pulumi refresh --import-pending-creates`` only marks the operation, and the
following refresh drops it. Therefore the state itself is edited and imported.)
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

from pulumi import automation

from selfservice.engine import automation as engine
from selfservice.engine.access.provider_roles import with_access
from selfservice.engine.differences import STACK_TYPE
from selfservice.engine.import_discovery import Search, is_repeatable
from selfservice.engine.orphaned_processes import reap
from selfservice.engine.unanswered_operations import PendingOperation, UnansweredOperations
from settings.types.aws.account_access import AccountAccess

State = Mapping[str, Any]
_OUTSIDE = AccountAccess()

_UNCERTAIN = "refreshBeforeUpdate"
"""Field of a resource in the state. The engine refreshes a resource with it before every preview and update; a refresh
removes it (pulumi/pkg/resource/deploy/deployment_executor.go, version 3.220)."""


def recover(
    stack: automation.Stack,
    lock_path: Path,
    notify: Callable[[str], None],
    unanswered: UnansweredOperations,
    *,
    is_first_look: bool = False,
    access: AccountAccess = _OUTSIDE,
) -> None:
    """Resolves the pending and the unanswered operations of the stack. The caller holds the stack lock ``lock_path``.

    The resources are looked up with ``access``, which the providers of the state have afterwards.

    A first look, right after a plugin ended, only takes over what exists, because AWS may still perform the plugin's
    last calls. Everything else remains unanswered, and the next operation on the stack resolves it.

    Raises: automation.ConcurrentUpdateError if an engine is still running these operations.
    """
    # The engine's next command drops the operations that change or delete a resource, so they are read before.
    changing = {o["resource"]["urn"] for o in engine.pending_operations_of(stack.export_stack())}
    _acquire_backend_lock_once(stack)
    reap(lock_path, notify)
    exported = stack.export_stack()
    deployment = with_unanswered(with_access(stack.name, exported.deployment or {}, access), unanswered.read())
    exported.deployment = deployment
    begun = [o["resource"] for o in engine.pending_operations_of(exported) if o["type"] == "creating"]
    changing |= {o["resource"]["urn"] for o in engine.pending_operations_of(exported)}
    search = Search(deployment)
    found = {r["urn"]: identity for r in begun if not is_repeatable(r) and (identity := search.find(r)) is not None}
    exported.deployment = recovered(deployment, found, changing)
    stack.import_stack(exported)
    uncertain = [r["urn"] for r in engine.resources_of(exported) if r.get(_UNCERTAIN)]
    if uncertain:
        # Some lookups only compose an id. The refresh drops those that do not exist.
        stack.refresh(target=uncertain, parallel=16, show_secrets=False, color="never", on_output=engine.log)
    kept = {
        resource["urn"]: resource.get("id")
        for resource in engine.resources_of(stack.export_stack())
        if not resource.get("delete")
    }
    remaining = {o["resource"]["urn"] for o in unanswered.read()} - {u for u in found if kept.get(u) == found[u]}
    unanswered.keep(remaining if is_first_look else ())
    for resource in begun:
        if not (is_first_look and resource["urn"] in remaining):
            notify(_explanation(resource, kept.get(resource["urn"])))


def _explanation(resource: State, identity: str | None) -> str:
    name = str(resource["urn"]).rpartition("::")[2]
    if identity is not None:
        return f"{name} had been created before the interruption: taken over as {identity}"
    if is_repeatable(resource):
        return f"{name} may have been created before the interruption: it will be once more, to the same effect"
    return f"{name} had not been created before the interruption: it will be now"


def with_unanswered(deployment: State, unanswered: Iterable[PendingOperation]) -> dict[str, Any]:
    """Returns the deployment with those ``unanswered`` operations as pending ones whose result it does not contain."""
    resources: list[State] = list(deployment.get("resources") or ())
    pending = list(deployment.get("pending_operations") or ())
    listed = {operation["resource"]["urn"] for operation in pending}
    live = {r["urn"] for r in resources if not (r.get("delete") or r.get("pendingReplacement"))}
    providers = {f"{r['urn']}::{r.get('id')}" for r in resources}
    for operation in unanswered:
        resource = operation["resource"]
        if resource["urn"] in listed:
            continue
        if operation["type"] == "creating":
            if resource["provider"] not in providers or (resource["urn"] in live and not operation["replaces"]):
                continue  # the stack was destroyed, or the engine outlived its worker and completed the creation
            operation = {**operation, "resource": {**resource, "dependencies": _before(resource["urn"], resources)}}
        pending.append(operation)
    return {**deployment, "pending_operations": pending}


def _before(urn: str, resources: Iterable[State]) -> list[str]:
    """Returns the resources (URNs) on which this one may depend, of which events do not tell.

    With them, a destruction deletes the resource first. The next update replaces them by its dependencies.
    """
    earlier = takewhile(lambda resource: resource["urn"] != urn, resources)
    return [resource["urn"] for resource in earlier if resource.get("custom") and not resource.get("delete")]


def recovered(deployment: State, found: Mapping[str, str], changing: Collection[str] = ()) -> dict[str, Any]:
    """Returns the deployment without pending operations and with the ``found`` resources (URN -> provider's id).

    These, and the resources that were ``changing`` (URNs), are marked as uncertain: if the recovery is killed too, the
    next run of the engine refreshes them first.
    """
    result = copy.deepcopy(dict(deployment))
    resources: list[dict[str, Any]] = result.setdefault("resources", [])
    for operation in result.pop("pending_operations", None) or []:
        resource = operation["resource"]
        identity = found.get(resource["urn"])
        if identity is not None:
            _add(resources, {**resource, "id": identity, "outputs": dict(resource.get("inputs") or {})})
    for resource in resources:
        if resource.get("id") and resource["urn"] in {*found, *changing} and not resource["type"].startswith("pulumi:"):
            resource[_UNCERTAIN] = True
    return result


def _add(resources: list[dict[str, Any]], created: dict[str, Any]) -> None:
    """Adds a created resource where the engine would have put it."""
    known = [(place, r) for place, r in enumerate(resources) if r["urn"] == created["urn"]]
    if not known:
        # Its dependencies were complete before its creation began, so it can be appended to the list.
        resources.append(created)
        return
    place, replaced = known[0]
    if replaced.get("pendingReplacement"):  # the engine had deleted it before it created its replacement
        resources[place] = created
    elif replaced.get("id") != created["id"]:  # the engine would have deleted it after the creation
        replaced["delete"] = True
        resources.insert(place, created)


def _acquire_backend_lock_once(stack: automation.Stack) -> None:
    """Acquires and releases the backend's lock, which fails if a running engine owns the pending operations."""
    root = next(r for r in engine.resources_of(stack.export_stack()) if r["type"] == STACK_TYPE)
    stack.refresh(target=[root["urn"]], parallel=1, show_secrets=False, color="never", on_output=engine.log)
