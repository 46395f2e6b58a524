"""Lists what is left in the accounts of a team, and deletes the log groups that services have created by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from selfservice.catalog.evidence import Evidence
from selfservice.decommission.listings import LISTINGS, Listing
from selfservice.engine.account_access import Account

_PARALLEL = 4
_MOST = 50
"""Number of resources of a kind that are named."""
KIND = "residue"


def delete_log_groups(account: Account) -> int:
    """Deletes all log groups of an account and returns their number. Their names and sizes are in the evidence.

    Services write logs into groups that they create themselves and never delete, and each costs money.
    """
    client = account.client("logs")
    groups = [str(log_group["logGroupName"]) for log_group in account.every("logs", "describe_log_groups", "logGroups")]
    for name in groups:
        try:
            client.delete_log_group(logGroupName=name)
        except client.exceptions.ResourceNotFoundException:
            continue
    return len(groups)


def residue_of(accounts: Iterable[Account], listings: Sequence[Listing] = LISTINGS) -> list[Evidence]:
    """Returns what is left in accounts, and what could not be listed."""
    with ThreadPoolExecutor(_PARALLEL) as pool:
        return [
            found for each in pool.map(lambda account: list(_residue(account, listings)), accounts) for found in each
        ]


def _residue(account: Account, listings: Sequence[Listing]) -> Iterator[Evidence]:
    from botocore.exceptions import BotoCoreError, ClientError

    for listing in listings:
        try:
            names = list(_names(account, listing))
        except (BotoCoreError, ClientError) as error:
            yield _left(account, listing, "unknown", f"cannot be listed: {error}")
            continue
        for name in names[:_MOST]:
            yield _left(account, listing, name, "is left")
        if len(names) > _MOST:
            yield _left(account, listing, "more", f"and {len(names) - _MOST} more are left")
    yield from _keys(account)


def _names(account: Account, listing: Listing) -> Iterator[str]:
    for item in account.every(listing.service, listing.operation, listing.items, **listing.asked):
        if isinstance(item, str):
            yield item
        elif not listing.unless(item):
            yield str(item[listing.name])


def _keys(account: Account) -> Iterator[Evidence]:
    """Yields keys that are not of AWS and are not being deleted. A listing alone does not tell which these are."""
    client = account.client("kms")
    for key in account.every("kms", "list_keys", "Keys"):
        found = client.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
        if found["KeyManager"] == "CUSTOMER" and found["KeyState"] != "PendingDeletion":
            listing = Listing(kind="KMS key", service="kms", operation="list_keys", items="Keys", name="KeyId")
            yield _left(account, listing, found["KeyId"], f"is {found['KeyState']}")


def _left(account: Account, listing: Listing, name: str, reason: str) -> Evidence:
    details = {"account": account.id, "type": listing.kind, "resource": name, "reason": reason}
    return Evidence(kind=KIND, name=f"{account.id}:{listing.kind}:{name}", details=details)
