"""Which accounts are searched, with which access, and what stacks declare there."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from selfservice.engine.account_access import Account, SharedSession
from selfservice.engine.backend import secrets_keys
from selfservice.projects.project import Project
from selfservice.projects.states import existing_stacks, resources_by_stack
from selfservice.undeclared.accepted import Acceptance
from selfservice.undeclared.declared import Declared, Place, State, places_of
from selfservice.undeclared.finding import Unread
from selfservice.undeclared.organization import OrganizationAccounts
from selfservice.undeclared.search import SearchedAccount, Undeclared, search
from settings.types.aws.account_access import AccountAccess

_SESSION = "plinth-drift"
_ORGANIZATION = "aws:organizations/organization:Organization"
_ACTIVE = "ACTIVE"


def find_undeclared(project: Project, stacks: Collection[str]) -> Undeclared:
    """Returns what no stack declares in the accounts of the named stacks, without what the settings accept.

    All stacks of the backend count as declaring, also those that the settings no longer name. If the stacks include
    all that are deployed, the result names the accounts of the organization that no stack deploys into.
    """
    from settings.files.validation_cache import load_cached

    settings = load_cached(project.directory).organization
    states = resources_by_stack(project, sorted(existing_stacks(project) | set(project.graph)))
    declared = Declared(states.values(), secrets_keys(project.directory, states))
    places = _places(states, stacks)
    enter = _Entrance(project)
    accounts = [enter(account, _regions(settings.regions, found)) for account, found in places.items()]
    organization, unread = _organization(enter, declared, states)
    found = search(accounts, declared, organization)
    everything = {stack for stack, state in states.items() if state} <= set(stacks)
    return Acceptance(settings.accepted_findings).applied_to(
        Undeclared(
            findings=found.findings,
            unread=(*unread, *found.unread),
            accounts=found.accounts,
            names=organization.names,
            not_ours=_not_ours(organization, declared, states) if everything else (),
        )
    )


def _places(states: Mapping[str, State], stacks: Collection[str]) -> dict[str, frozenset[Place]]:
    """Returns the places of the stacks by account. Providers of accounts that somebody closed stay in no state."""
    found: dict[str, frozenset[Place]] = {}
    for stack in stacks:
        for place in places_of(states.get(stack, ())):
            found[place.account] = found.get(place.account, frozenset()) | {place}
    return dict(sorted(found.items()))


def _regions(allowed: Sequence[str], places: Collection[Place]) -> list[str]:
    return list(dict.fromkeys([*allowed, *sorted(place.region for place in places)]))


class _Entrance:
    """Access to accounts, with the roles of the command."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._access = AccountAccess(reads_only=True) if project.read_only else AccountAccess.of(os.environ)
        self._shared = SharedSession(project.home_region)

    def __call__(self, account: str, regions: Sequence[str]) -> SearchedAccount:
        """Returns the access to an account. Like providers of stacks, it enters the management account without a role,
        except for reading."""
        is_management = account == self.project.management_account_id
        enters = Account(
            id=account,
            region=regions[0],
            role_arn=None if is_management and not self._access.reads_only else self._access.role_arn(account),
            session_name=_SESSION,
            person=self._access.person,
        )
        return SearchedAccount(regions=enters.in_regions(regions, self._shared), is_management=is_management)


def _organization(
    enter: _Entrance, declared: Declared, states: Mapping[str, State]
) -> tuple[OrganizationAccounts, list[Unread]]:
    """Returns the accounts of the organization, as AWS lists them. Without access to the management account these are
    the accounts of the stacks, and accounts of no stack look like strangers."""
    from botocore.exceptions import BotoCoreError, ClientError  # imported late like boto3

    management = enter.project.management_account_id
    names = {place.account: "" for state in states.values() for place in places_of(state)}
    unread = []
    if management is not None:
        names.setdefault(management, "")
        try:
            (enters,) = enter(management, [enter.project.home_region]).regions
            listed = enters.every("organizations", "list_accounts", "Accounts")
            names |= {account["Id"]: account["Name"] for account in listed if account["Status"] == _ACTIVE}
        except (BotoCoreError, ClientError) as error:
            what = "the list of the organization's accounts"
            unread.append(Unread(account=management, region="", what=what, reason=str(error)))
    ids = declared.values("id", _ORGANIZATION)
    return OrganizationAccounts(id=next(iter(ids), None), management=management, names=names), unread


def _not_ours(organization: OrganizationAccounts, declared: Declared, states: Mapping[str, State]) -> tuple[str, ...]:
    ours = {place.account for state in states.values() for place in places_of(state)}
    ours |= declared.values("id", "aws:organizations/account:Account")
    return tuple(sorted(set(organization.names) - ours))
