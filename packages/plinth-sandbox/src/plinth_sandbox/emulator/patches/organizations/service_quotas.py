"""Service Quotas: the number of accounts of an organization, and of apps of Studio on some instance types with
accelerators. moto knows quotas of VPCs only.

Sources: Organizations User Guide, "Quotas and service limits" (read 2026-11-23); AWS General Reference, "Amazon
SageMaker AI endpoints and quotas", and Service Quotas API (read 2026-11-25). The sandbox grants an increase at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.core.utils import unix_time

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """A quota of an account, which the sandbox has granted up to ``granted``."""

    service: str
    service_name: str
    code: str
    name: str
    granted: int
    region: str | None = None
    """The only region that has the quota; None if each region has one of its own."""


ACCOUNTS = Quota(
    service="organizations",
    service_name="AWS Organizations",
    code="L-E619E033",
    name="Default maximum number of accounts",
    granted=100,
    region="us-east-1",
)
"""The default of AWS is 10, so AWS has granted the organization of the sandbox an increase."""


def _apps(code: str, app: str, instance_type: str, granted: int) -> Quota:
    name = f"Studio {app} Apps running on {instance_type} instances"
    return Quota(service="sagemaker", service_name="Amazon SageMaker", code=code, name=name, granted=granted)


_QUOTAS = (
    ACCOUNTS,
    _apps("L-39F81BFB", "JupyterLab", "ml.g4dn.xlarge", 4),
    _apps("L-138F29A9", "JupyterLab", "ml.g4dn.2xlarge", 0),
    _apps("L-199FCA12", "JupyterLab", "ml.p3.2xlarge", 0),
    _apps("L-8C616CCB", "CodeEditor", "ml.g5.xlarge", 0),
)


def most_accounts(memory: Memory, account: str) -> int:
    """Returns how many accounts the organization of a management account may have."""
    return _value(memory, account, ACCOUNTS.region or "", ACCOUNTS)


def _value(memory: Memory, account: str, region: str, quota: Quota) -> int:
    return int(_granted(memory, account, region).get(quota.code, quota.granted))


def _granted(memory: Memory, account: str, region: str) -> dict[str, Any]:
    return memory.notes("service-quotas", account, region, "granted")


def _described(exchange: Exchange, quota: Quota) -> dict[str, Any]:
    call = exchange.call
    return {
        "ServiceCode": quota.service,
        "ServiceName": quota.service_name,
        "QuotaArn": f"arn:aws:servicequotas:{'' if quota.region else call.region}:{call.account}:"
        f"{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": float(_value(exchange.memory, call.account, call.region, quota)),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": quota.region is not None,
    }


def _quotas(exchange: Exchange) -> list[Quota]:
    """Returns the quotas of the service that a call names, in its region."""
    service, region = exchange.call.parameters["ServiceCode"], exchange.call.region
    return [one for one in _QUOTAS if one.service == service and one.region in (None, region)]


def _list(exchange: Exchange) -> Answer:
    quotas = _quotas(exchange)
    listed = [_described(exchange, one) for one in quotas]
    return exchange.call.reply({"Quotas": listed}) if quotas else exchange.below()


def _get(exchange: Exchange) -> Answer:
    if not _quotas(exchange):
        return exchange.below()
    return exchange.call.reply({"Quota": _described(exchange, _named(exchange))})


def _increase(exchange: Exchange) -> Answer:
    if not _quotas(exchange):
        return exchange.below()
    quota, call = _named(exchange), exchange.call
    wanted = float(call.parameters["DesiredValue"])
    if wanted <= _value(exchange.memory, call.account, call.region, quota):
        message = "You must provide a quota value greater than the current quota value."
        raise AwsError("IllegalArgumentException", message)
    _granted(exchange.memory, call.account, call.region)[quota.code] = int(wanted)
    requested = {
        "Id": f"{quota.code.lower()}{int(wanted)}",
        "ServiceCode": quota.service,
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "DesiredValue": wanted,
        "Status": "APPROVED",
        "Created": unix_time(),
    }
    return call.reply({"RequestedQuota": requested})


def _named(exchange: Exchange) -> Quota:
    """Returns the quota that a call names. Raises AwsError."""
    code = exchange.call.parameters["QuotaCode"]
    found = next((one for one in _quotas(exchange) if one.code == code), None)
    if found is None:
        raise AwsError("NoSuchResourceException", "The request failed because the specified quota does not exist.")
    return found


PATCHES: Patches = {
    "GetServiceQuota": _get,
    "ListServiceQuotas": _list,
    "RequestServiceQuotaIncrease": _increase,
}
