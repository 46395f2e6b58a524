"""Roles as the evaluator sees them: their policies, boundary and tags, as they are provisioned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.iam.models import iam_backends

from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Principal
from plinth_sandbox.emulator.authorization.accounts import account_of
from plinth_sandbox.emulator.authorization.documents import managed_policy, policy_of


def role_of(arn: str) -> Any:
    """Returns a role of moto, or None if it does not exist."""
    if not arn.startswith("arn:aws:iam::"):
        return None
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    role = next((role for role in iam_backends[account]["aws"].roles.values() if role.name == name), None)
    return role if role is not None and role.arn == arn else None


def tags_of(role: Any) -> dict[str, str]:
    """Returns the tags of a role."""
    return role.tags if isinstance(role.tags, dict) else {tag["Key"]: tag["Value"] for tag in role.tags or []}


def trust_of(role: Any) -> Policy | None:
    return policy_of(f"trust policy of {role.name}", role.assume_role_policy_document)


def role_principal(role: Any, session: str) -> Principal:
    """Returns a session of a role, without what the session itself adds."""
    boundary = iam_backends[role.account_id]["aws"].managed_policies.get(role.permissions_boundary_arn or "")
    return Principal(
        name=str(role.name),
        account=account_of(str(role.account_id)),
        role_arn=str(role.arn),
        session=session,
        tags=tags_of(role),
        identity=tuple(_identity(role)),
        boundary=None if boundary is None else (managed_policy(boundary),),
        is_service_linked="/aws-service-role/" in str(role.arn),
    )


def _identity(role: Any) -> Iterator[Policy]:
    for name, text in role.policies.items():
        policy = policy_of(str(name), text)
        if policy is not None:
            yield policy
    for managed in role.managed_policies.values():
        yield managed_policy(managed)
