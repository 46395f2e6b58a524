"""Reads accounts in parallel and returns what no stack declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from selfservice.engine.account_access import Account
from selfservice.undeclared.declared import Declared
from selfservice.undeclared.finding import Finding, Unread, by_danger
from selfservice.undeclared.organization import OrganizationAccounts
from selfservice.undeclared.reading import Reading
from selfservice.undeclared.services import SERVICES, Service, Where

PARALLEL = 8
"""Number of accounts that are read at the same time. The requests of one account follow each other, because services
limit the rate of an account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Undeclared:
    """Result of a search of accounts."""

    findings: tuple[Finding, ...] = ()
    """The worst first."""
    unread: tuple[Unread, ...] = ()
    accounts: int = 0
    """Number of accounts that were read."""
    accepted: int = 0
    """Number of findings that the settings accept."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of accounts by id."""
    not_ours: tuple[str, ...] = ()
    """Ids of accounts of the organization into which no stack deploys, and which were not read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchedAccount:
    """An account and its regions, the home region first."""

    regions: Sequence[Account]
    """Access to the account in each of its regions."""
    is_management: bool = False

    @property
    def id(self) -> str:
        return self.regions[0].id


def search(
    accounts: Sequence[SearchedAccount],
    declared: Declared,
    organization: OrganizationAccounts,
    services: Sequence[Service] = SERVICES,
) -> Undeclared:
    """Returns the findings in all accounts, and what could not be read."""

    def of_account(account: SearchedAccount) -> tuple[list[Finding], list[Unread]]:
        unread: list[Unread] = []
        return list(_of_account(account, declared, organization, services, unread)), unread

    with ThreadPoolExecutor(PARALLEL) as pool:
        results = list(pool.map(of_account, accounts))
    return Undeclared(
        findings=tuple(sorted((finding for found, _ in results for finding in found), key=by_danger)),
        unread=tuple(unread_part for _, unread in results for unread_part in unread),
        accounts=len(accounts),
    )


def _of_account(
    account: SearchedAccount,
    declared: Declared,
    organization: OrganizationAccounts,
    services: Iterable[Service],
    unread: list[Unread],
) -> Iterator[Finding]:
    from botocore.exceptions import BotoCoreError, ClientError  # imported late like boto3

    try:
        account.regions[0].client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        unread.append(Unread(account=account.id, region="", what="everything", reason=str(error)))
        return
    for service in services:
        for access in _regions(account, service.where):
            reading = Reading(
                account=access, service=service.name, declared=declared, organization=organization, unread=unread
            )
            try:
                yield from service.read(reading)
            except (BotoCoreError, ClientError) as error:
                reading.note(service.name, error)


def _regions(account: SearchedAccount, where: Where) -> Sequence[Account]:
    if where is Where.EVERY_REGION:
        return account.regions
    if where is Where.ONCE or account.is_management:
        return account.regions[:1]
    return ()
