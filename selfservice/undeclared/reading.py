"""The reading of one service in one account and region."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.undeclared.declared import Declared
from selfservice.undeclared.finding import Danger, Finding, Unread, day
from selfservice.undeclared.organization import OrganizationAccounts

ABSENT = frozenset(
    {
        "EntityNotFoundException", "NoSuchAccessPointPolicy", "NoSuchBucket", "NoSuchBucketPolicy", "NoSuchEntity",
        "NoSuchPublicAccessBlockConfiguration", "NotFoundException", "PolicyNotFound", "PolicyNotFoundException",
        "RegistryPolicyNotFoundException", "RepositoryPolicyNotFoundException", "ResourceNotFound",
        "ResourceNotFoundException",
    }
)  # fmt: skip
"""Error codes that say that there is no policy, or that the resource was deleted since it was listed."""


def found_by(ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Returns the answer to a call of AWS; None if what it asks for is absent."""
    from botocore.exceptions import ClientError  # imported late like boto3

    try:
        return ask()
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return None
        raise


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """Inputs of a reader: access to one account and region, and the resources that stacks declare there."""

    account: Account
    service: str
    """Name of the service in the report."""
    declared: Declared
    organization: OrganizationAccounts
    unread: list[Unread] = field(default_factory=list)
    """Filled with the resources that could not be read."""

    def client(self, service: str) -> Any:
        """Returns the client of a service of boto3."""
        return self.account.client(service)

    def every(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        """Yields the items of all pages of a listing."""
        return self.account.every(service, operation, key, **arguments)

    def names(self, key: str, *types: str, everywhere: bool = False) -> frozenset[str]:
        """Returns a property of what stacks declare in the account and region, or in any region of the account."""
        region = None if everywhere else self.account.region
        return self.declared.values(key, *types, account=self.account.id, region=region)

    @contextmanager
    def of(self, what: str) -> Iterator[None]:
        """Notes errors of AWS about one resource, so that the others are read. What is absent is no error."""
        from botocore.exceptions import BotoCoreError, ClientError  # imported late like boto3

        try:
            yield
        except ClientError as error:
            if error.response["Error"]["Code"] not in ABSENT:
                self.note(what, error)
        except BotoCoreError as error:
            self.note(what, error)

    def note(self, what: str, error: Exception | str) -> None:
        """Notes that something could not be read."""
        unread = Unread(account=self.account.id, region=self.account.region, what=what, reason=str(error))
        self.unread.append(unread)

    def found(
        self,
        danger: Danger,
        resource: str,
        allows: str,
        remedy: str,
        *,
        principals: tuple[str, ...] = (),
        since: object = None,
    ) -> Finding:
        """Returns a finding in this account and service."""
        return Finding(
            danger=danger,
            account=self.account.id,
            service=self.service,
            resource=resource,
            allows=allows,
            remedy=remedy,
            principals=principals,
            since=day(since),
        )
