"""Finds the owner whose pods may run the operations on a stack, from the accounts of its state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from selfservice.checks.data_loss import type_of
from selfservice.engine.import_discovery import decoded
from selfservice.errors import RefusedError
from settings.types.naming import SHARED_STACK_JOBS

_AWS, _KUBERNETES = "pulumi:providers:aws", "pulumi:providers:kubernetes"
_UNREADABLE = {
    "aws:apigateway/": "resources of API Gateway",  # IAM tells its calls apart by HTTP method only
    "aws:iam/openIdConnectProvider:": "issuers of tokens",
    "aws:s3/bucketObject": "objects in buckets",
}
"""Beginnings of types that deployers may neither read nor change (components/identity/deployer/resources), with their
names in a message."""
_POLICY, _ATTACHMENT = "aws:iam/policy:Policy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
"""Types whose creation and update is reserved for the management account, in all accounts
(components/identity/deployer/resources/accounts.py). A deployer may delete attachments only."""


class NoPodError(RefusedError):
    """Raised if no pod may run an operation on a stack."""

    def __init__(self, stack: str, reason: str) -> None:
        super().__init__(f"{stack} cannot run with --remote: {reason}")
        self.reason = reason


def owner_of(
    stack: str, team: str | None, resources: Iterable[Mapping[str, Any]], shared_accounts: Collection[str]
) -> str:
    """Returns the owner of the pods that may run the operations on a stack: its team, or ``shared``.

    Args:
        team: Team of the account of the stack in the settings; None for a shared account.
        resources: The resources of its state.
        shared_accounts: Ids of the accounts of the organization that belong to no team.

    Raises: NoPodError with the reason if no pod may.
    """
    held = list(resources)
    if not held:
        raise NoPodError(
            stack, "it is not deployed yet, and deployers create no permissions boundaries, policies or accounts"
        )
    if any(resource["type"] == _KUBERNETES for resource in held):
        raise NoPodError(stack, "it deploys into the cluster in which the Job would run")
    for beginning, name in _UNREADABLE.items():
        if any(resource["type"].startswith(beginning) for resource in held):
            raise NoPodError(stack, f"it has {name}, which deployers may neither read nor change")
    owners = {SHARED_STACK_JOBS if account in shared_accounts else team for account in _accounts(stack, held)}
    owner = (owners or {team or SHARED_STACK_JOBS}).pop()
    if owner is None or owners:
        whose = team or "a team"
        raise NoPodError(
            stack, f"it deploys into accounts of {whose} and into shared accounts, and a pod enters those of one owner"
        )
    return owner


def refuse_reserved_steps(stack: str, approved: Iterable[str]) -> None:
    """Refuses an update whose approved steps (``approved_steps``) no deployer may take.

    Raises: NoPodError.
    """
    for kind, _, urn in (step.partition(" ") for step in approved):
        if type_of(urn) == _POLICY or (type_of(urn) == _ATTACHMENT and kind != "delete"):
            raise NoPodError(stack, "its update changes policies or attaches some, which deployers may not do")


def _accounts(stack: str, resources: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for resource in resources:
        if resource["type"] != _AWS:
            continue
        inputs = resource["inputs"]
        if not decoded(inputs.get("assumeRoles")):
            raise NoPodError(stack, "it deploys into the management account, which has no deployer role")
        yield from map(str, decoded(inputs["allowedAccountIds"]))
