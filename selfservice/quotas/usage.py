"""Quotas that AWS applies to an account, and numbers of resources that the account has."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.quotas.quota import BY_KEY, Quota

_UNSET = "NoSuchResourceException"
"""Error of GetServiceQuota where AWS has applied no value of its own to the account."""


@dataclass(slots=True)
class Usage:
    """One account in a region, or one that does not exist yet. Each answer of AWS is asked for once."""

    account: Account | None
    """None if the account does not exist yet. It is judged by what AWS gives a new account."""
    region: str
    _allowed: dict[str, int | None] = field(default_factory=dict)

    def allowed(self, quota: Quota) -> int | None:
        """Returns the applied value of a quota, or the default if there is none; None if only AWS can tell."""
        if quota.key not in self._allowed:
            own = self._applied(quota)
            if quota.raised_with is not None and own is not None:
                own = max(own, self.allowed(BY_KEY[f"{quota.service}/{quota.raised_with}"]) or 0)
            self._allowed[quota.key] = own
        return self._allowed[quota.key]

    def held_by_others(self, quota: Quota, own: Collection[str]) -> int | None:
        """Returns how many resources the account has beside those with the ids ``own``; None if it may not be read."""
        listing = quota.listing
        if listing is None:
            return 0
        if self.account is None:
            return quota.new_account
        from botocore.exceptions import ClientError  # imported late like boto3

        arguments = dict(listing.arguments or {})
        try:
            items = list(self.account.every(listing.service, listing.operation, listing.key, **arguments))
        except ClientError:
            return None
        counted = [
            item for item in items if all(item.get(name) == value for name, value in (listing.only or {}).items())
        ]
        ids = [_id_of(item, listing.id) for item in counted]
        return sum(1 for id_ in ids if listing.marker in id_ and not _is_among(id_, own))

    def _applied(self, quota: Quota) -> int | None:
        if self.account is None or quota.code is None:
            return quota.default
        from botocore.exceptions import ClientError  # imported late like boto3

        region = quota.service_region(self.region)
        account = Account(self.account.id, region, self.account.role_arn) if region != self.region else self.account
        client = account.client("service-quotas")
        asked = {"ServiceCode": quota.service, "QuotaCode": quota.code}
        try:
            try:
                answer = client.get_service_quota(**asked)
            except ClientError as error:
                if error.response["Error"]["Code"] != _UNSET:
                    raise
                answer = client.get_aws_default_service_quota(**asked)
        except ClientError:  # without the permission, AWS alone can tell
            return None
        return int(answer["Quota"]["Value"])


def _id_of(item: Any, member: str) -> str:
    return str(item[member] if member else item)


def _is_among(id_: str, own: Collection[str]) -> bool:
    """Returns whether a listed id is one of a state. Some are ARNs in AWS and names in states."""
    return id_ in own or id_.rpartition("/")[2] in own
