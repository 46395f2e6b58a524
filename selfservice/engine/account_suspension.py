"""Moves the accounts of a team that is destroyed to the unit ``Suspended``, and those that are empty to ``Recycled``.

AWS never releases the address of a closed account, and refuses to remove an account that is younger than four days or
has no payment method (AWS Organizations User Guide, "Removing a member account", read 2026-11-21). So accounts stay in
the organization: the engine retains them, and a later deployment of the team adopts them again (decision 38).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import Search

ACCOUNT = "aws:organizations/account:Account"
UNIT = "Suspended"
"""Unit whose guardrails deny everything (:mod:`stacks.organization.guardrails`)."""
RECYCLED = "Recycled"
"""Unit of accounts that were verified to be empty, with the same guardrails. New teams use them first."""


def retained_accounts(resources: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Returns the accounts in a state that the engine retains when their stack is destroyed."""
    return [each for each in resources if each["type"] == ACCOUNT and each.get("retainOnDelete")]


def suspend_accounts(resources: list[Mapping[str, Any]], notify: Callable[[str], None]) -> None:
    """Moves the retained accounts of a stack to the unit. The units of their team can then be deleted."""
    search = Search({"resources": resources})
    for resource in retained_accounts(resources):
        access = search.account_of(resource)
        unit = _unit(access, UNIT)
        if unit is None:
            continue
        organizations = access.client("organizations")
        (parent,) = organizations.list_parents(ChildId=resource["id"])["Parents"]
        if parent["Id"] != unit:
            organizations.move_account(AccountId=resource["id"], SourceParentId=parent["Id"], DestinationParentId=unit)
        notify(f"account {resource['id']} stays in the organization, in the unit {UNIT}")


def suspended_account(access: Account, email: str) -> str | None:
    """Returns the id of the account with this address, if it is in the unit."""
    found = (each for each in _members(access, UNIT) if each["Email"].casefold() == email.casefold())
    return next((str(each["Id"]) for each in found), None)


def recycle_accounts(access: Account, accounts: Collection[str]) -> list[str]:
    """Moves those of the accounts that are suspended to the unit of recycled ones, and returns all that are there.

    A repetition changes nothing. In an organization without the unit, the accounts stay suspended.
    """
    target, source = _unit(access, RECYCLED), _unit(access, UNIT)
    if target is None or source is None:
        return []
    for account_id in [str(each["Id"]) for each in _members(access, UNIT)]:
        if account_id in accounts:
            access.client("organizations").move_account(
                AccountId=account_id, SourceParentId=source, DestinationParentId=target
            )
    return [recycled_account for recycled_account in recycled_accounts(access) if recycled_account in accounts]


def recycled_accounts(access: Account) -> list[str]:
    """Returns the ids of the recycled accounts, sorted."""
    return sorted(str(each["Id"]) for each in _members(access, RECYCLED))


def _members(access: Account, name: str) -> Iterator[Mapping[str, Any]]:
    """Yields the active accounts in a unit."""
    unit = _unit(access, name)
    if unit is not None:
        for each in access.every("organizations", "list_accounts_for_parent", "Accounts", ParentId=unit):
            if each["Status"] == "ACTIVE":
                yield each


def _unit(access: Account, name: str) -> str | None:
    from botocore.exceptions import ClientError  # imported late like boto3

    try:
        (root,) = access.every("organizations", "list_roots", "Roots")
    except ClientError as error:
        if error.response["Error"]["Code"] != "AWSOrganizationsNotInUseException":
            raise
        return None
    operation, key = "list_organizational_units_for_parent", "OrganizationalUnits"
    units = access.every("organizations", operation, key, ParentId=root["Id"])
    return next((str(unit["Id"]) for unit in units if unit["Name"] == name), None)
