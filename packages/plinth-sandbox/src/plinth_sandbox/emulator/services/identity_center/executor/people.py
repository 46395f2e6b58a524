"""People of the directory: their groups, attributes, and the permission sets that are assigned to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.organizations.models import organizations_backends
from moto.ssoadmin.models import Instance, PermissionSet, ssoadmin_backends

from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.identity_center.patches.directory import ENTERPRISE, extensions
from plinth_sandbox.emulator.services.identity_center.patches.organization_instance import directory_of

_PATH = "${path:"
_ATTRIBUTES = {"userName": "UserName", "displayName": "DisplayName", "title": "Title", "userType": "UserType"}
"""Members of a user by attribute, as mappings of attributes for access control name them."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the directory of the organization's instance."""

    name: str
    id: str
    instance: Instance
    """The instance in whose directory the user is."""
    region: str

    @property
    def directory(self) -> Any:
        """The directory, which has at least this user."""
        return directory_of(self.instance, self.region)


@dataclass(frozen=True, slots=True)
class Assigned:
    """A permission set that a person has in an account, as oneself or as a member of a group."""

    account: str
    permission_set: PermissionSet


def person_named(name: str) -> Person | None:
    """Returns a person by user name, which directories compare without case; None if no directory has it."""
    for region, backend in list(ssoadmin_backends[DEFAULT_ACCOUNT_ID].items()):
        for instance in backend.list_instances():
            directory = directory_of(instance, region)
            for user in directory.users.values() if directory is not None else ():
                if user.UserName.lower() == name.lower():
                    return Person(user.UserName, user.UserId, instance, region)
    return None


def assigned_to(person: Person) -> Iterator[Assigned]:
    """Yields what is assigned to a person in active accounts, in the order of accounts and names, each once."""
    backend = ssoadmin_backends[DEFAULT_ACCOUNT_ID][person.region]
    principals = {("USER", person.id), *(("GROUP", group) for group in _groups(person))}
    active = set(accounts())
    found = {
        (account_assignment.target_id, account_assignment.permission_set_arn)
        for account_assignment in backend.account_assignments
        if (account_assignment.principal_type, account_assignment.principal_id) in principals
        and account_assignment.target_id in active
    }
    sets = {permission_set.permission_set_arn: permission_set for permission_set in backend.permission_sets}
    for account, arn in sorted(found, key=lambda pair: (pair[0], sets[pair[1]].name)):
        yield Assigned(account, sets[arn])


def accounts() -> Mapping[str, Any]:
    """Returns the active accounts of the organization by id."""
    found = organizations_backends[DEFAULT_ACCOUNT_ID]["aws"].accounts
    return {str(account.id): account for account in found if account.status == "ACTIVE"}


def session_tags(person: Person, memory: Memory) -> dict[str, str]:
    """Returns the session tags of a person: the attributes for access control that have a value for them.

    Source: IAM Identity Center User Guide, "Attributes for access control" (read 2026-11-29).
    """
    configured = memory.notes("sso-admin", "attributes").get(person.instance.instance_arn, {})
    attributes = configured.get("AccessControlAttributes", [])
    found = {attribute["Key"]: _first(attribute["Value"]["Source"], person, memory) for attribute in attributes}
    return {key: value for key, value in found.items() if value}


def _first(sources: list[str], person: Person, memory: Memory) -> str:
    """Returns the value of the first source that has one."""
    return next(filter(None, (_value(source, person, memory) for source in sources)), "")


def _value(source: str, person: Person, memory: Memory) -> str:
    attribute = source.removeprefix(_PATH).removesuffix("}")
    place, _, name = attribute.partition(".")
    if name:
        given = extensions(memory, person.instance.identity_store_id, person.id)
        return str(given.get(ENTERPRISE, {}).get(name, "")) if place == "enterprise" else ""
    return str(getattr(person.directory.users[person.id], _ATTRIBUTES.get(attribute, ""), "") or "")


def _groups(person: Person) -> set[str]:
    memberships = person.directory.group_memberships.values()
    return {membership["GroupId"] for membership in memberships if membership["MemberId"]["UserId"] == person.id}
