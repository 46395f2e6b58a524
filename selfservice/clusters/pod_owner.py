"""Finds the owner whose pods may run the operations on a stack, from the accounts of its state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from selfservice.engine.import_discovery import decoded
from selfservice.errors import RefusedError
from settings.types.naming import SHARED_STACK_JOBS

_AWS, _KUBERNETES = "pulumi:providers:aws", "pulumi:providers:kubernetes"
_API_GATEWAY = "aws:apigateway/"


def owner_of(
    stack: str, team: str | None, resources: Iterable[Mapping[str, Any]], shared_accounts: Collection[str]
) -> str:
    """Returns the owner of the pods that may run the operations on a stack: its team, or ``shared``.

    Args:
        team: Team of the stack in the settings.
        resources: The resources of its state.
        shared_accounts: Ids of the accounts of the organization that belong to no team.

    Raises: RefusedError if no pod may, with the reason.
    """
    held = list(resources)
    if not held:
        raise _refusal(
            stack, "it is not deployed yet, and deployers create no permissions boundaries, policies or accounts"
        )
    if any(resource["type"] == _KUBERNETES for resource in held):
        raise _refusal(stack, "it deploys into the cluster in which the Job would run")
    if any(resource["type"].startswith(_API_GATEWAY) for resource in held):
        # IAM tells its calls apart by HTTP method only (components/identity/deployer/resources/apis.py).
        raise _refusal(stack, "it has resources of API Gateway, which deployers may neither read nor change")
    own = team or SHARED_STACK_JOBS
    owners = {SHARED_STACK_JOBS if account in shared_accounts else own for account in _accounts(stack, held)}
    if len(owners) > 1:
        raise _refusal(
            stack, f"it deploys into accounts of {team} and into shared accounts, and a pod enters those of one owner"
        )
    return owners.pop() if owners else own


def _accounts(stack: str, resources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for resource in resources:
        if resource["type"] != _AWS:
            continue
        inputs = resource["inputs"]
        if not decoded(inputs.get("assumeRoles")):
            raise _refusal(stack, "it deploys into the management account, which has no deployer role")
        yield from map(str, decoded(inputs["allowedAccountIds"]))


def _refusal(stack: str, reason: str) -> RefusedError:
    return RefusedError(f"{stack} cannot run with --remote: {reason}")
