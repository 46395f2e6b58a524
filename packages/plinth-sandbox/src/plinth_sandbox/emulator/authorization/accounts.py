"""Accounts as the evaluator sees them: their place in the organization, and the control policies that apply to them."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.organizations.models import organizations_backends

from iam_evaluator.request import Account, Level
from plinth_sandbox.emulator.authorization.documents import parsed

_SERVICE, _RESOURCE = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
_EVERYTHING = '{"Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}}'
_FULL_ACCESS = {_SERVICE: "FullAWSAccess", _RESOURCE: "RCPFullAWSAccess"}


@functools.cache
def account_of(account: str) -> Account:
    """Returns an account. One outside the organization has no control policies. Call ``cache_clear`` when the
    organization has changed."""
    backend = organizations_backends[DEFAULT_ACCOUNT_ID]["aws"]
    member = (
        next((candidate for candidate in backend.accounts if candidate.id == account), None) if backend.org else None
    )
    if member is None:
        return Account(id=account, is_management=account == DEFAULT_ACCOUNT_ID)
    targets = list(_chain(backend, member))
    units = [target.id for target in targets[:-1]]
    return Account(
        id=account,
        organization_id=backend.org.id,
        path="/".join([backend.org.id, *units, ""]),
        is_management=account == backend.org.master_account_id,
        service_control=_levels(targets, _SERVICE),
        resource_control=_levels(targets, _RESOURCE),
    )


def _chain(backend: Any, member: Any) -> Iterator[Any]:
    """Yields the root, the units below it, and the account."""
    units = {unit.id: unit for unit in backend.ou}
    parent = units.get(member.parent_id)
    above = []
    while parent is not None:
        above.append(parent)
        parent = units.get(parent.parent_id)
    yield from reversed(above)
    yield member


def _levels(targets: list[Any], kind: str) -> tuple[Level, ...]:
    enabled = {policy_type["Type"] for policy_type in targets[0].policy_types if policy_type["Status"] == "ENABLED"}
    return tuple(_level(target, kind) for target in targets) if kind in enabled else ()


def _level(target: Any, kind: str) -> Level:
    """Returns the policies of one target. AWS keeps at least one service control policy on each target, and its own
    resource control policy on all."""
    own = [parsed(policy.arn, policy.content) for policy in target.attached_policies if policy.type == kind]
    full = parsed(_FULL_ACCESS[kind], _EVERYTHING)
    return tuple(own) if own and kind == _SERVICE else (*own, full)
