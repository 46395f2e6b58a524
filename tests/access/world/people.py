"""People: the groups of the directory, and the sessions that Identity Center opens for them in the accounts.

Without Identity Center, the sessions of the company's identity provider, from which people assume roles in the
accounts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal
from tests.access.world.inventory import Inventory, found
from tests.access.world.roles import Policies
from tests.support.computed import REGION

PERSON = "ada"
"""User name of the one person of each persona whose sessions are checked."""
SIGN_IN_PATH = "/plinth/sign-in/"
"""IAM path of the roles for the company's identity provider (docs/guides/identity.md)."""
SIGNED_IN_AS, OF_TEAM = "aws:PrincipalTag/plinth:persona", "aws:PrincipalTag/plinth:team"

_SIGN_IN_PERMISSIONS = Policy.parse(
    "sign-in",
    '{"Statement": {"Sid": "GoOn", "Effect": "Allow", "Resource": "arn:aws:iam::*:role/plinth/people-*",'
    ' "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]}}',
)
"""Permissions of those roles, according to the guide."""


@dataclass(frozen=True, slots=True)
class Group:
    """People with the same persona, of one team or of the whole organization."""

    persona: str
    team: str | None


def people(inventory: Inventory, accounts: Mapping[str, Account]) -> dict[Group, tuple[Principal, ...]]:
    """Returns the sessions that each group's members can open."""
    return _in_identity_center(inventory, accounts) or _signed_in(inventory, accounts)


def _in_identity_center(inventory: Inventory, accounts: Mapping[str, Account]) -> dict[Group, tuple[Principal, ...]]:
    """Returns one session for every account and permission set that is assigned to the group."""
    groups = _groups(inventory)
    sets = _permission_sets(inventory)
    tags = _session_tags(inventory)
    sessions: dict[Group, tuple[Principal, ...]] = dict.fromkeys(groups.values(), ())
    for item in inventory.all("ssoadmin/accountAssignment:AccountAssignment"):
        group: Group = found(groups, item.property("principalId"), "group", item.label)
        permissions: PermissionSet = found(sets, item.property("permissionSetArn"), "permission set", item.label)
        account: Account = found(accounts, item.property("targetId"), "account", item.label)
        session = permissions.session_in(account, {key: _attribute(source, group) for key, source in tags.items()})
        sessions[group] = (*sessions[group], session)
    return sessions


def _signed_in(inventory: Inventory, accounts: Mapping[str, Account]) -> dict[Group, tuple[Principal, ...]]:
    """Returns one session for every group that a role's trust policy admits, with the identity provider's session
    tags."""
    sessions = {}
    for item in inventory.all("iam/role:Role"):
        for statement in Policy.parse(item.label, item.property("assumeRolePolicy")).statements:
            asked = {c.key: c.values[0] for c in statement.conditions if c.operator == "StringEquals"}
            if SIGNED_IN_AS not in asked:
                continue
            group = Group(asked[SIGNED_IN_AS], asked.get(OF_TEAM))
            ((_, _, _, _, account_id, _),) = (name.split(":") for name in (statement.principals or {})["AWS"])
            tags = {
                "plinth:persona": group.persona,
                "plinth:team": group.team or "platform",
                "plinth:user": PERSON,
            }
            sessions[group] = (
                Principal(
                    name=f"{group.persona} who signed in",
                    account=found(accounts, account_id, "account", item.label),
                    role_arn=f"arn:aws:iam::{account_id}:role{SIGN_IN_PATH}{group.persona}",
                    session=PERSON,
                    tags=tags,
                    transitive_tags=tags,
                    identity=(_SIGN_IN_PERMISSIONS,),
                ),
            )
    of_a_team = {group.persona for group in sessions if group.team}  # Shared accounts admit any team.
    return {group: held for group, held in sessions.items() if group.team or group.persona not in of_a_team}


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A permission set, for which Identity Center creates a role in every account where it is assigned."""

    name: str
    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None

    def session_in(self, account: Account, tags: Mapping[str, str]) -> Principal:
        """Returns a session of the role. Identity Center adds a suffix of its own to the role's name."""
        suffix = hashlib.sha256(f"{self.name} {account.id}".encode()).hexdigest()[:16]
        path = f"aws-reserved/sso.amazonaws.com/{REGION}"
        return Principal(
            name=self.name,
            account=account,
            role_arn=f"arn:aws:iam::{account.id}:role/{path}/AWSReservedSSO_{self.name}_{suffix}",
            session=PERSON,
            tags=tags,
            identity=self.identity,
            boundary=self.boundary,
        )


def _groups(inventory: Inventory) -> dict[str, Group]:
    return {
        item.property("groupId"): Group(
            item.record.name.removeprefix("groups-"), None if item.stack == "identity" else item.stack
        )
        for item in inventory.all("identitystore/group:Group")
    }


def _permission_sets(inventory: Inventory) -> dict[str, PermissionSet]:
    policies = Policies(inventory)
    parts: dict[str, dict[str, tuple[Policy, ...]]] = {}
    for arn, part, policy in _parts_of_sets(inventory, policies):
        held = parts.setdefault(arn, {})
        held[part] = (*held.get(part, ()), policy)
    return {
        item.property("arn"): PermissionSet(
            item.property("name"),
            parts.get(item.property("arn"), {}).get("identity", ()),
            parts.get(item.property("arn"), {}).get("boundary"),
        )
        for item in inventory.all("ssoadmin/permissionSet:PermissionSet")
    }


def _parts_of_sets(inventory: Inventory, policies: Policies) -> Iterator[tuple[str, str, Policy]]:
    """Yields permission set, kind of policy, and policy."""
    names = {
        item.property("arn"): item.property("name") for item in inventory.all("ssoadmin/permissionSet:PermissionSet")
    }
    for item in inventory.all("ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy"):
        arn = item.property("permissionSetArn")
        yield arn, "identity", Policy.parse(names[arn], item.property("inlinePolicy"))
    for item in inventory.all("ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment"):
        yield (
            item.property("permissionSetArn"),
            "identity",
            policies.named(item.property("managedPolicyArn"), item.label),
        )
    for item in inventory.all("ssoadmin/permissionsBoundaryAttachment:PermissionsBoundaryAttachment"):
        arn = item.property("permissionsBoundary").get("managedPolicyArn", "")
        yield item.property("permissionSetArn"), "boundary", policies.named(arn, item.label)


def _session_tags(inventory: Inventory) -> dict[str, str]:
    """Returns the directory attribute of each session tag."""
    return {
        attribute["key"]: source
        for item in inventory.all("ssoadmin/instanceAccessControlAttributes:InstanceAccessControlAttributes")
        for attribute in item.property("attributes")
        for value in attribute["values"]
        for source in value["sources"]
    }


def _attribute(source: str, group: Group) -> str:
    """Returns a directory attribute of the group's members. Raises UnsupportedError for an unknown attribute."""
    attributes = {"${path:userName}": PERSON, "${path:enterprise.department}": group.team or "platform"}
    return str(found(attributes, source, "attribute of the directory", "a session tag"))
