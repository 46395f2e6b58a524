"""The roles of every account: those of the stacks, and the one that Organizations creates in a new account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal
from tests.access.world.inventory import Inventory, Item, found

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
MANAGED_BY_AWS = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True, slots=True)
class Role:
    """A role: its sessions and its trust policy."""

    principal: Principal
    trust: Policy

    @property
    def admits_aws(self) -> bool:
        """Whether principals other than services may assume the role."""
        return any({"AWS", "*"} & (statement.principals or {}).keys() for statement in self.trust.statements)


@cache
def policies_of_aws() -> Mapping[str, Mapping[str, Any]]:
    """Returns AWS managed policies, from the copy in moto."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies: Mapping[str, Mapping[str, Any]] = json.loads(aws_managed_policies_data)
    return policies


class Policies:
    """Managed policies by ARN: those of the stacks, and AWS managed policies."""

    def __init__(self, inventory: Inventory) -> None:
        self._own = {
            item.property("arn"): Policy.parse(item.property("name"), item.property("policy"))
            for item in inventory.all("iam/policy:Policy")
        }

    def named(self, arn: str, needed_by: str) -> Policy:
        """Returns a managed policy. Raises UnsupportedError if neither a stack nor AWS has it."""
        if not arn.startswith(MANAGED_BY_AWS):
            policy: Policy = found(self._own, arn, "managed policy", needed_by)
            return policy
        name = arn.rpartition("/")[2]
        document = found(policies_of_aws(), name, "managed policy of AWS", needed_by)["Document"]
        return Policy.parse(name, json.dumps(document))


def roles(inventory: Inventory, accounts: Mapping[str, Account]) -> dict[str, Role]:
    """Returns the roles of the stacks, and the administrator role of Organizations in each account, by ARN."""
    policies = Policies(inventory)
    inline = _inline_policies(inventory)
    attached = _attached_policies(inventory, policies)
    made = {}
    for item in inventory.all("iam/role:Role"):
        key = (item.account_id, item.property("name"))
        boundary = item.property("permissionsBoundary")
        principal = Principal(
            name=item.property("name"),
            account=found(accounts, item.account_id, "account", item.label),
            role_arn=item.property("arn"),
            tags=item.tags,
            identity=(*inline.pop(key, ()), *attached.pop(key, ())),
            boundary=None if boundary is None else (policies.named(boundary, item.label),),
        )
        made[item.property("arn")] = Role(principal, Policy.parse(f"trust of {principal.name}", _trust_of(item)))
    if inline or attached:
        raise UnsupportedError([f"role {name} in {account}, which has a policy" for account, name in inline | attached])
    return made | _organization_roles(inventory, accounts, policies)


def _trust_of(item: Item) -> str:
    return str(item.property("assumeRolePolicy"))


def _inline_policies(inventory: Inventory) -> dict[tuple[str, str], tuple[Policy, ...]]:
    held: dict[tuple[str, str], tuple[Policy, ...]] = {}
    for item in inventory.all("iam/rolePolicy:RolePolicy"):
        key = (item.account_id, item.property("role"))
        policy = Policy.parse(f"{item.property('role')}/{item.property('name')}", item.property("policy"))
        held[key] = (*held.get(key, ()), policy)
    return held


def _attached_policies(inventory: Inventory, policies: Policies) -> dict[tuple[str, str], tuple[Policy, ...]]:
    held: dict[tuple[str, str], tuple[Policy, ...]] = {}
    for item in inventory.all("iam/rolePolicyAttachment:RolePolicyAttachment"):
        key = (item.account_id, item.property("role"))
        held[key] = (*held.get(key, ()), policies.named(item.property("policyArn"), item.label))
    return held


def _organization_roles(inventory: Inventory, accounts: Mapping[str, Account], policies: Policies) -> dict[str, Role]:
    """Returns the administrator role that Organizations creates for the management account in each new account."""
    (management,) = (account for account in accounts.values() if account.is_management)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{management.id}:root"}}
    made = {}
    for item in inventory.all("organizations/account:Account"):
        arn = f"arn:aws:iam::{item.id}:role/{item.property('roleName')}"
        principal = Principal(
            name=item.property("roleName"),
            account=accounts[item.id],
            role_arn=arn,
            identity=(policies.named(ADMINISTRATOR, item.label),),
        )
        made[arn] = Role(principal, Policy.parse(f"trust of {principal.name}", json.dumps({"Statement": [trust]})))
    return made
