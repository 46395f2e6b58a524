"""Resources of calls to the services of a management account: Organizations, IAM Identity Center and its directory,
and budgets. Their parameters are ids, and their ARNs contain more than that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from moto.organizations.models import organizations_backends

from plinth_sandbox.emulator.authorization.permissions.reference import action_reference
from plinth_sandbox.emulator.call import Call

_IDS = (
    "AccountId", "ChildId", "DestinationParentId", "OrganizationalUnitId", "ParentId", "PolicyId", "ResourceId",
    "RootId", "SourceParentId", "TargetId",
)  # fmt: skip
"""Members that name a part of the organization."""


_ALL = {"AllGroupMemberships": "membership", "AllGroups": "group", "AllUsers": "user"}
"""Types of the reference that stand for all resources of a kind."""


def parts_of_the_organization(call: Call, _action: str) -> Sequence[str]:
    """Returns every part that a call names: accounts, units, the root and policies."""
    organization = organizations_backends[call.account]["aws"].org
    ids = [str(call.parameters[name]) for name in _IDS if call.parameters.get(name)]
    if organization is None or not ids:
        return ["*"]
    types = {policy.id: str(policy.type).lower() for policy in organizations_backends[call.account]["aws"].policies}
    kinds = (("r-", "root"), ("ou-", "ou"), ("p-", "policy"))
    found = []
    for id_ in ids:
        kind = next((kind for prefix, kind in kinds if id_.startswith(prefix)), "account")
        within = f"{types[id_]}/" if kind == "policy" and id_ in types else ""
        found.append(f"arn:aws:organizations::{call.account}:{kind}/{organization.id}/{within}{id_}")
    return found


def parts_of_the_directory(call: Call, action: str) -> Sequence[str] | None:
    """Returns the directory, and the groups and people that an action is authorized on."""
    reference = action_reference("identitystore", action)
    if reference is None or "IdentityStoreId" not in call.parameters:
        return None
    return list(dict.fromkeys(_in_directory(call.parameters, call.account, [*reference.required, *reference.optional])))


def _in_directory(given: Any, account: str, kinds: Sequence[str]) -> Iterator[str]:
    member = given.get("MemberId") or {}
    named = {
        "Group": [*given.get("GroupIds", []), *filter(None, [given.get("GroupId")])],
        "User": [id_ for id_ in (given.get("UserId"), member.get("UserId")) if id_],
        "GroupMembership": [id_ for id_ in [given.get("MembershipId")] if id_],
    }
    for kind in kinds:
        if kind == "Identitystore":
            yield f"arn:aws:identitystore::{account}:identitystore/{given['IdentityStoreId']}"
        elif kind in _ALL:
            yield f"arn:aws:identitystore:::{_ALL[kind]}/*"
        else:
            name = "membership" if kind == "GroupMembership" else kind.lower()
            yield from (f"arn:aws:identitystore:::{name}/{id_}" for id_ in named.get(kind, []))


def assignment(call: Call, action: str) -> Sequence[str] | None:
    """Returns the account, the instance and the permission set of an assignment."""
    if not action.endswith("AccountAssignment") or "TargetId" not in call.parameters:
        return None
    given = call.parameters
    return [f"arn:aws:sso:::account/{given['TargetId']}", str(given["InstanceArn"]), str(given["PermissionSetArn"])]


def budget(call: Call, _action: str) -> Sequence[str] | None:
    name = call.parameters.get("BudgetName") or (call.parameters.get("Budget") or {}).get("BudgetName")
    return [f"arn:aws:budgets::{call.account}:budget/{name}"] if name else None
