"""Moves the accounts of a team that is destroyed to the organizational unit ``Suspended``.

AWS never releases the address of a closed account, and refuses to remove an account that is younger than four days or
has no payment method (AWS Organizations User Guide, "Removing a member account", read 2026-11-21). So accounts stay in
the organization: the engine retains them, and a later deployment of the team adopts them again (decision 38).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import Search

ACCOUNT = "aws:organizations/account:Account"
UNIT = "Suspended"
"""Unit whose guardrails deny everything (:mod:`stacks.organization.guardrails`)."""


def retained_accounts(resources: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Returns the accounts in a state that the engine retains when their stack is destroyed."""
    return [each for each in resources if each["type"] == ACCOUNT and each.get("retainOnDelete")]


def suspend_accounts(resources: list[Mapping[str, Any]], notify: Callable[[str], None]) -> None:
    """Moves the retained accounts of a stack to the unit. The units of their team can then be deleted."""
    search = Search({"resources": resources})
    for resource in retained_accounts(resources):
        access = search.account_of(resource)
        unit = _unit(access)
        if unit is None:
            continue
        organizations = access.client("organizations")
        (parent,) = organizations.list_parents(ChildId=resource["id"])["Parents"]
        if parent["Id"] != unit:
            organizations.move_account(AccountId=resource["id"], SourceParentId=parent["Id"], DestinationParentId=unit)
        notify(f"account {resource['id']} stays in the organization, in the unit {UNIT}")


def suspended_account(access: Account, email: str) -> str | None:
    """Returns the id of the account with this address, if it is in the unit."""
    unit = _unit(access)
    members = (
        () if unit is None else access.every("organizations", "list_accounts_for_parent", "Accounts", ParentId=unit)
    )
    active = (member for member in members if member["Status"] == "ACTIVE")
    return next((str(each["Id"]) for each in active if each["Email"].casefold() == email.casefold()), None)


def _unit(access: Account) -> str | None:
    from botocore.exceptions import ClientError  # imported late like boto3

    try:
        (root,) = access.every("organizations", "list_roots", "Roots")
    except ClientError as error:
        if error.response["Error"]["Code"] != "AWSOrganizationsNotInUseException":
            raise
        return None
    operation, key = "list_organizational_units_for_parent", "OrganizationalUnits"
    units = access.every("organizations", operation, key, ParentId=root["Id"])
    return next((str(unit["Id"]) for unit in units if unit["Name"] == UNIT), None)
