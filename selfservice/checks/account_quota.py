"""Refuses stacks whose new accounts would not fit into the quota of the organization.

AWS refuses each account on its own, so without this check a team would be left with some of its accounts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from selfservice.checks.adopted_accounts import accounts_in, reader_of
from selfservice.engine.access.service_quotas import quotas_of
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError
from selfservice.formatting import counted
from selfservice.projects.project import Project
from selfservice.projects.states import existing_stacks, resources_by_stack
from settings.derived.accounts import Account as AccountOfKind
from settings.derived.foundation import Foundation

SERVICE, QUOTA = "organizations", "Default maximum number of accounts"
"""Service code and name of the quota (Organizations User Guide, "Quotas and service limits")."""
REGION = "us-east-1"
"""The region in which Service Quotas has the quotas of Organizations."""


FEW = 4
"""Number of stacks whose states are read before AWS is asked. Reading one takes half a second in a bucket."""


def refuse_too_many_accounts(project: Project, stacks: Sequence[str], after: Foundation | None = None) -> None:
    """Raises BadInputError if the accounts that these stacks would create exceed the quota.

    The states of a few stacks may show that they have their accounts. Otherwise, AWS is asked once for the accounts of
    the organization, however many stacks there are. Without an organization, or without the permission to read quotas,
    AWS alone can tell. ``after`` are the settings that the stacks get, unless these are the settings of the project.
    """
    from settings.files.validation_cache import load_cached

    foundation = after or load_cached(project.directory)
    accounts = {stack: own for stack in stacks if (own := _created_by(foundation, stack))}
    members = reader_of(project) if accounts and not _have_all(project, foundation, accounts) else None
    if members is None:
        return
    most = _quota(members)
    if most is None:
        return
    present = [
        str(account["Email"]).casefold() for account in members.every("organizations", "list_accounts", "Accounts")
    ]
    known = frozenset(present)
    missing = {
        stack: count
        for stack, own in accounts.items()
        if (count := sum(1 for account in own if account.email.casefold() not in known))
    }
    wanted = sum(missing.values())
    if len(present) + wanted > most and wanted:
        listed = ", ".join(f"{stack} {counted(count, 'account')}" for stack, count in missing.items())
        raise BadInputError(
            f"nothing was touched, because the organization may have {counted(most, 'account')}. It has "
            f"{len(present)}, and these stacks would create {wanted} more: {listed}. Request an increase of the quota "
            f"`{QUOTA}` in Service Quotas, service AWS Organizations, region {REGION}"
        )


def _have_all(project: Project, foundation: Foundation, accounts: Mapping[str, Sequence[AccountOfKind]]) -> bool:
    """Returns whether the states of a few stacks contain all accounts that the stacks create."""
    if len(accounts) > FEW or not accounts.keys() <= existing_stacks(project):
        return False
    states = resources_by_stack(project, list(accounts))
    adopted = {account.id for stack in accounts for account in _accounts_of(foundation, stack)}
    created = {stack: [id_ for id_ in accounts_in(held) if id_ not in adopted] for stack, held in states.items()}
    return all(len(created[stack]) >= len(own) for stack, own in accounts.items())


def _created_by(foundation: Foundation, stack: str) -> list[AccountOfKind]:
    """Returns the accounts of a stack that it creates unless they exist. Others have an id, and are adopted."""
    return [account for account in _accounts_of(foundation, stack) if account.id is None]


def _accounts_of(foundation: Foundation, stack: str) -> Sequence[AccountOfKind]:
    """Returns the accounts that a stack creates or adopts."""
    if stack == "organization":
        return [account for account in foundation.durable_accounts if account.kind != "organization"]
    return foundation.accounts_of_team(stack) if stack in foundation.teams else ()


def _quota(members: Account) -> int | None:
    """Returns the quota, or None if the caller may not read it."""
    found = quotas_of(Account(members.id, REGION, members.role_arn), SERVICE, {QUOTA})
    return int(found[QUOTA]["Value"]) if QUOTA in found else None
