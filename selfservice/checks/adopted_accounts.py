"""Refuses accounts that settings adopt and that another stack has, or that the organization does not have.

The engine imports an account by its id alone. Two stacks would then manage one account, and the account would move to
the unit of the second.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from selfservice.engine.account_access import Account
from selfservice.engine.account_suspension import ACCOUNT
from selfservice.errors import BadInputError
from selfservice.projects.project import Project
from selfservice.projects.states import account_of_organization, existing_stacks, resources_by_stack
from settings.types.aws.account_access import REVIEW

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation
    from settings.organization.account import AccountSettings


def refuse_unusable_accounts(project: Project, stacks: Sequence[str]) -> None:
    """Raises BadInputError with every account that one of these stacks would adopt and cannot.

    Looks at AWS and at the states of other stacks only for accounts that the state of the stack does not have yet.
    """
    from settings.files.validation_cache import load_cached

    foundation = load_cached(project.directory)
    named = {stack: ids for stack in stacks if (ids := _adopted(foundation, stack, project.management_account_id))}
    if not named:
        return
    made = existing_stacks(project)
    own = resources_by_stack(project, [stack for stack in named if stack in made])
    new = [
        (stack, place, id_)
        for stack, ids in named.items()
        for place, id_ in ids.items()
        if id_ not in set(accounts_in(own.get(stack, ())))
    ]
    if not new:
        return
    makers = resources_by_stack(
        project, [stack for stack in sorted({"organization", *foundation.teams}) if stack in made]
    )
    holders = {id_: stack for stack, resources in makers.items() for id_ in accounts_in(resources)}
    members = reader_of(project)
    faults = [
        f"{place}: account {id_} {why}"
        for stack, place, id_ in new
        if (why := _why_unusable(id_, stack, holders, members)) is not None
    ]
    if faults:
        listed = "\n  ".join(faults)
        raise BadInputError(f"nothing was touched, because these accounts cannot be adopted:\n  {listed}")


def _adopted(foundation: Foundation, stack: str, management: str | None) -> dict[str, str]:
    """Returns the ids of accounts that a stack adopts, by their place in the settings."""
    accounts: Mapping[Any, AccountSettings] = {}
    if stack == "organization":
        place, accounts = "Pulumi.yaml: plinth:organization", foundation.organization.accounts
    elif stack in foundation.teams:
        place, accounts = f"Pulumi.{stack}.yaml: plinth:team", foundation.teams[stack].accounts
    named = {f"{place}.accounts.{kind}.id": account.id for kind, account in accounts.items() if account.id is not None}
    if stack == "organization":  # which makes no resource of the management account
        named = {place: id_ for place, id_ in named.items() if id_ != management}
    return named


def accounts_in(resources: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yields the ids of the accounts among resources of a state."""
    return (
        str(resource["id"])
        for resource in resources
        if resource["type"] == ACCOUNT and resource.get("id") and not resource.get("delete")
    )


def reader_of(project: Project) -> Account | None:
    """Returns the management account as this operation may read it; None before there is an organization."""
    found = account_of_organization(project)
    return replace(found, role_arn=REVIEW.role_arn(found.id)) if found is not None and project.read_only else found


def _why_unusable(id_: str, stack: str, holders: Mapping[str, str], members: Account | None) -> str | None:
    """Returns why a stack cannot adopt an account, with the remedy; None if it can."""
    if holders.get(id_, stack) != stack:
        return f"belongs to the stack {holders[id_]}; name another account"
    if members is None:
        return None
    if id_ == members.id:
        return "is the management account; name another account"
    from botocore.exceptions import ClientError  # imported late like boto3

    try:
        status = members.client("organizations").describe_account(AccountId=id_)["Account"]["Status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccountNotFoundException":
            raise
        return (
            "is not a member of the organization; invite it with `aws organizations invite-account-to-organization "
            f"--target Id={id_},Type=ACCOUNT`, and accept the invitation there"
        )
    return None if status == "ACTIVE" else f"is {status}; name an active account"
