"""Service Quotas: the number of accounts that an organization may have. moto knows quotas of VPCs only.

Sources: Organizations User Guide, "Quotas and service limits"; Service Quotas API (read 2026-11-23). The sandbox grants
an increase at once.
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import unix_time

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches

SERVICE = "organizations"
REGION = "us-east-1"
"""The region in which Service Quotas has the quotas of Organizations."""
CODE, NAME = "L-E619E033", "Default maximum number of accounts"
GRANTED = 100
"""Accounts that the organization of the sandbox may have. The default of AWS is 10, so AWS has granted an increase."""


def most_accounts(memory: Memory, account: str) -> int:
    """Returns how many accounts the organization of a management account may have."""
    return int(_granted(memory, account).get(CODE, GRANTED))


def _granted(memory: Memory, account: str) -> dict[str, Any]:
    return memory.notes("service-quotas", account, "granted")


def _described(exchange: Exchange) -> dict[str, Any]:
    call = exchange.call
    return {
        "ServiceCode": SERVICE,
        "ServiceName": "AWS Organizations",
        "QuotaArn": f"arn:aws:servicequotas::{call.account}:{SERVICE}/{CODE}",
        "QuotaCode": CODE,
        "QuotaName": NAME,
        "Value": float(most_accounts(exchange.memory, call.account)),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": True,
    }


def _is_here(exchange: Exchange) -> bool:
    return exchange.call.parameters["ServiceCode"] == SERVICE and exchange.call.region == REGION


def _list(exchange: Exchange) -> Answer:
    return exchange.call.reply({"Quotas": [_described(exchange)]}) if _is_here(exchange) else exchange.below()


def _get(exchange: Exchange) -> Answer:
    if not _is_here(exchange):
        return exchange.below()
    _require_quota(exchange)
    return exchange.call.reply({"Quota": _described(exchange)})


def _increase(exchange: Exchange) -> Answer:
    if not _is_here(exchange):
        return exchange.below()
    _require_quota(exchange)
    call, wanted = exchange.call, float(exchange.call.parameters["DesiredValue"])
    if wanted <= most_accounts(exchange.memory, call.account):
        message = "You must provide a quota value greater than the current quota value."
        raise AwsError("IllegalArgumentException", message)
    _granted(exchange.memory, call.account)[CODE] = int(wanted)
    requested = {
        "Id": f"{CODE.lower()}{int(wanted)}",
        "ServiceCode": SERVICE,
        "QuotaCode": CODE,
        "QuotaName": NAME,
        "DesiredValue": wanted,
        "Status": "APPROVED",
        "Created": unix_time(),
    }
    return call.reply({"RequestedQuota": requested})


def _require_quota(exchange: Exchange) -> None:
    if exchange.call.parameters["QuotaCode"] != CODE:
        raise AwsError("NoSuchResourceException", "The request failed because the specified quota does not exist.")


PATCHES: Patches = {
    "GetServiceQuota": _get,
    "ListServiceQuotas": _list,
    "RequestServiceQuotaIncrease": _increase,
}
