"""Quotas of an account, as Service Quotas lists them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from selfservice.engine.account_access import Account


def quotas_of(account: Account, service: str, names: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
    """Returns the quotas of a service that have these names, by name, in the region of the account.

    AWS writes some names in the plural and others not, so a plural at the end counts as the same name. It reads no
    further than needed. Without the permission to read quotas it returns none, because AWS alone can tell.
    """
    from botocore.exceptions import ClientError  # imported late like boto3

    wanted = {name.removesuffix("s"): name for name in names}
    found: dict[str, Mapping[str, Any]] = {}
    try:
        for quota in account.every("service-quotas", "list_service_quotas", "Quotas", ServiceCode=service):
            name = wanted.get(str(quota["QuotaName"]).removesuffix("s"))
            if name is not None:
                found[name] = quota
            if len(found) == len(wanted):
                break
    except ClientError:
        return {}
    return found
