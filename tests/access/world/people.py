"""People: the groups of the directory, and the sessions that Identity Center opens for them in the accounts.

Without it, the sessions that a provider of the company's own opens, from which people go on to roles of the accounts.
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
"""Of every persona the one person whose sessions are tried."""
SIGN_IN_PATH = "/plinth/sign-in/"
"""Where docs/guides/identity.md has the company keep the roles that its provider signs people in to."""
SIGNED_IN_AS, OF_TEAM = "aws:PrincipalTag/plinth:persona", "aws:PrincipalTag/plinth:team"

_GOING_ON = Policy.parse(
    "sign-in",
    '{"Statement": {"Sid": "GoOn", "Effect": "Allow", "Resource": "arn:aws:iam::*:role/plinth/people-*",'
    ' "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]}}',
)
"""What the guide has the company allow those roles."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who share a persona, of one team or of all."""

    persona: str
    team: str | None


def people(inventory: Inventory, accounts: Mapping[str, Account]) -> dict[Group, tuple[Principal, ...]]:
    """The sessions that each group's people can open."""
    return _in_identity_center(inventory, accounts) or _signed_in(inventory, accounts)


def _in_identity_center(inventory: Inventory, accounts: Mapping[str, Account]) -> dict[Group, tuple[Principal, ...]]:
    """One session for every account and permission set assigned to the group."""
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
    """One session for everybody whom a role of an account admits, in the account that the role names, as the provider
    tags it.
    """
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
                    identity=(_GOING_ON,),
                ),
            )
    of_a_team = {group.persona for group in sessions if group.team}  # accounts that all share admit any team
    return {group: held for group, held in sessions.items() if group.team or group.persona not in of_a_team}


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """What Identity Center makes a role of, in every account where it is assigned."""

    name: str
    identity: tuple[Policy, ...]
    boundary: tuple[Policy, ...] | None

    def session_in(self, account: Account, tags: Mapping[str, str]) -> Principal:
        """A session under the name that Identity Center gives such roles: its suffix is its own to choose."""
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
    """Permission set, what a policy is to it, and the policy."""
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
    """Tags of every session, and the attribute of the directory that each is taken from."""
    return {
        attribute["key"]: source
        for item in inventory.all("ssoadmin/instanceAccessControlAttributes:InstanceAccessControlAttributes")
        for attribute in item.property("attributes")
        for value in attribute["values"]
        for source in value["sources"]
    }


def _attribute(source: str, group: Group) -> str:
    """What the directory says of a person of the group. Raises UnsupportedError for an attribute it was not told."""
    attributes = {"${path:userName}": PERSON, "${path:enterprise.department}": group.team or "platform"}
    return str(found(attributes, source, "attribute of the directory", "a session tag"))
