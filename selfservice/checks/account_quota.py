"""Refuses stacks whose new accounts would not fit into the quota of the organization.

AWS refuses each account on its own, so without this check a team would be left with some of its accounts.
"""

from __future__ import annotations

from collections.abc import Sequence

from selfservice.checks.adopted_accounts import accounts_in, reader_of
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError
from selfservice.formatting import counted
from selfservice.runner.project import Project
from selfservice.runner.states import existing_stacks, resources_by_stack
from settings.derived.accounts import Account as AccountOfKind
from settings.derived.foundation import Foundation

SERVICE, QUOTA = "organizations", "Default maximum number of accounts"
"""Service code and name of the quota (Organizations User Guide, "Quotas and service limits")."""
REGION = "us-east-1"
"""The region in which Service Quotas has the quotas of Organizations."""


def refuse_too_many_accounts(project: Project, stacks: Sequence[str]) -> None:
    """Raises BadInputError if the accounts that these stacks would create exceed the quota.

    Looks at AWS only if an account is missing. Without an organization, or without the permission to read quotas, AWS
    alone can tell.
    """
    from settings.files.validation_cache import load_cached

    missing = _missing(project, load_cached(project.directory), stacks)
    members = reader_of(project) if missing else None
    if members is None:
        return
    most = _quota(members)
    if most is None:
        return
    present = sum(1 for _ in members.every("organizations", "list_accounts", "Accounts"))
    wanted = sum(missing.values())
    if present + wanted > most:
        listed = ", ".join(f"{stack} {counted(count, 'account')}" for stack, count in missing.items())
        raise BadInputError(
            f"nothing was touched, because the organization may have {counted(most, 'account')}. It has {present}, and "
            f"these stacks would create {wanted} more: {listed}. Request an increase of the quota `{QUOTA}` in Service "
            f"Quotas, service AWS Organizations, region {REGION}"
        )


def _missing(project: Project, foundation: Foundation, stacks: Sequence[str]) -> dict[str, int]:
    """Returns the number of accounts that each stack would create, without stacks that would create none."""
    accounts = {stack: own for stack in stacks if (own := _accounts_of(foundation, stack))}
    made = existing_stacks(project) if accounts else frozenset()
    states = resources_by_stack(project, [stack for stack in accounts if stack in made])
    found = {}
    for stack, own in accounts.items():
        adopted = {account.id for account in own if account.id is not None}
        created = [id_ for id_ in accounts_in(states.get(stack, ())) if id_ not in adopted]
        found[stack] = len(own) - len(adopted) - len(created)
    return {stack: count for stack, count in found.items() if count > 0}


def _accounts_of(foundation: Foundation, stack: str) -> Sequence[AccountOfKind]:
    """Returns the accounts that a stack creates or adopts."""
    if stack == "organization":
        return [account for account in foundation.durable_accounts if account.kind != "organization"]
    return foundation.accounts_of_team(stack) if stack in foundation.teams else ()


def _quota(members: Account) -> int | None:
    """Returns the quota, or None if the caller may not read it."""
    from botocore.exceptions import ClientError  # imported late like boto3

    reader = Account(members.id, REGION, members.role_arn)
    try:
        listed = list(reader.every("service-quotas", "list_service_quotas", "Quotas", ServiceCode=SERVICE))
    except ClientError:
        return None
    return next((int(one["Value"]) for one in listed if one["QuotaName"] == QUOTA), None)
