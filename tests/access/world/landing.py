"""The organization's accounts with the control policies that apply to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Level
from tests.access.world.inventory import Inventory, Item, found

SERVICE_CONTROL, RESOURCE_CONTROL = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
NO_ACCESS_CONTROL = {
    "AISERVICES_OPT_OUT_POLICY",
    "BACKUP_POLICY",
    "DECLARATIVE_POLICY_EC2",
    "S3_POLICY",
    "TAG_POLICY",
}
"""Policy types that neither allow nor deny a call."""

FULL_ACCESS: Mapping[str, Policy] = {
    SERVICE_CONTROL: Policy.parse(
        "FullAWSAccess", '{"Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}}'
    ),
    RESOURCE_CONTROL: Policy.parse(
        "RCPFullAWSAccess",
        '{"Statement": {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}',
    ),
}
"""Policies that AWS attaches to the root, every unit and every account when a type is enabled (Organizations User
Guide, "How SCPs work with Allow", "RCP evaluation"). No stack detaches them."""


@dataclass(frozen=True, slots=True)
class Landing:
    """The tree of units and accounts, with the attached policies."""

    organization_id: str
    root_id: str
    management_account_id: str
    parents: Mapping[str, str]
    """Parent unit or root, by unit or account."""
    attached: Mapping[str, Mapping[str, Level]]
    """Policies that the stacks attach, by target and policy type."""
    accounts: Mapping[str, Account] = field(init=False)

    def __post_init__(self) -> None:
        ids = [id_ for id_ in self.parents if id_.isdigit()]
        accounts = {id_: self._account(id_) for id_ in [*ids, self.management_account_id]}
        object.__setattr__(self, "accounts", accounts)

    @classmethod
    def of(cls, inventory: Inventory) -> Landing:
        """Returns the provisioned organization. Raises UnsupportedError for an unknown parent, policy or target."""
        (organization,) = inventory.all("organizations/organization:Organization")
        root_id = organization.property("roots")[0]["id"]
        units = inventory.all("organizations/organizationalUnit:OrganizationalUnit")
        accounts = inventory.all("organizations/account:Account")
        known = {root_id: root_id, **{unit.id: unit.id for unit in units}}
        return cls(
            organization_id=organization.id,
            root_id=root_id,
            management_account_id=organization.property("masterAccountId"),
            parents={
                item.id: found(known, item.property("parentId"), "unit", item.label) for item in [*units, *accounts]
            },
            attached=_attachments(inventory, {*known, *(account.id for account in accounts)}),
        )

    def path_to(self, account_id: str) -> list[str]:
        """Returns the ids from the root down to the account."""
        path = [account_id]
        while path[0] != self.root_id:
            path.insert(0, self.parents.get(path[0], self.root_id))
        return path

    def _account(self, account_id: str) -> Account:
        path = self.path_to(account_id)
        return Account(
            id=account_id,
            organization_id=self.organization_id,
            path="/".join([self.organization_id, *path[:-1], ""]),
            is_management=account_id == self.management_account_id,
            service_control=self._levels(path, SERVICE_CONTROL),
            resource_control=self._levels(path, RESOURCE_CONTROL),
        )

    def _levels(self, path: list[str], type_: str) -> tuple[Level, ...]:
        return tuple((FULL_ACCESS[type_], *self.attached.get(target, {}).get(type_, ())) for target in path)


def _attachments(inventory: Inventory, targets: set[str]) -> dict[str, dict[str, Level]]:
    policies = inventory.by_id("organizations/policy:Policy")
    parsed = {id_: _control_policy(item) for id_, item in policies.items()}
    attached: dict[str, dict[str, Level]] = {}
    for item in inventory.all("organizations/policyAttachment:PolicyAttachment"):
        target, policy_id = item.property("targetId"), item.property("policyId")
        found(dict.fromkeys(targets), target, "target", item.label)
        policy = found(parsed, policy_id, "policy", item.label)
        if policy is not None:
            levels = attached.setdefault(target, {})
            type_ = _type_of(policies[policy_id])
            levels[type_] = (*levels.get(type_, ()), policy)
    return attached


def _control_policy(item: Item) -> Policy | None:
    if _type_of(item) in NO_ACCESS_CONTROL:
        return None
    if _type_of(item) not in FULL_ACCESS:
        raise UnsupportedError([f"policies of type {_type_of(item)}, which {item.label} is"])
    return Policy.parse(item.property("name"), item.property("content"))


def _type_of(item: Item) -> str:
    return str(item.property("type", SERVICE_CONTROL))
