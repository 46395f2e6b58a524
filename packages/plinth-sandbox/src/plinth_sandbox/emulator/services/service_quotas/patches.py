"""Service Quotas: values, default values and requests for increases. moto knows the default quotas of VPCs only.

Source: Service Quotas API (read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.quotas.increases import grant, requests, value_of
from plinth_sandbox.emulator.quotas.table import QUOTAS, Quota

Value = Callable[[Exchange, Quota], int]


def _applied(exchange: Exchange, quota: Quota) -> int:
    return value_of(exchange.memory, exchange.call.account, exchange.call.region, quota)


def _default(_: Exchange, quota: Quota) -> int:
    return quota.default


def _described(exchange: Exchange, quota: Quota, value: Value) -> dict[str, Any]:
    owner = "" if value is _default else exchange.call.account
    return {
        "ServiceCode": quota.service,
        "ServiceName": quota.service_name,
        "QuotaArn": f"arn:aws:servicequotas:{'' if quota.region else exchange.call.region}:{owner}:"
        f"{quota.service}/{quota.code}",
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": float(value(exchange, quota)),
        "Unit": "None",
        "Adjustable": quota.adjustable,
        "GlobalQuota": quota.region is not None,
    }


def _quotas(exchange: Exchange) -> list[Quota]:
    """Returns the quotas of the service that a call names, in its region. Raises AwsError if there are none."""
    service, region = exchange.call.parameters["ServiceCode"], exchange.call.region
    found = [quota for quota in QUOTAS if quota.service == service and quota.region in (None, region)]
    if not found:
        raise AwsError("NoSuchResourceException", "The request failed because the specified service does not exist.")
    return found


def _named(exchange: Exchange) -> Quota:
    """Returns the quota that a call names. Raises AwsError."""
    code = exchange.call.parameters["QuotaCode"]
    found = next((quota for quota in _quotas(exchange) if quota.code == code), None)
    if found is None:
        raise AwsError("NoSuchResourceException", "The request failed because the specified quota does not exist.")
    return found


def _list(exchange: Exchange, value: Value) -> Answer:
    return exchange.call.reply({"Quotas": [_described(exchange, quota, value) for quota in _quotas(exchange)]})


def _get(exchange: Exchange, value: Value) -> Answer:
    return exchange.call.reply({"Quota": _described(exchange, _named(exchange), value)})


def _increase(exchange: Exchange) -> Answer:
    """Answers PENDING, as AWS does, and approves the request."""
    quota, call = _named(exchange), exchange.call
    wanted = float(call.parameters["DesiredValue"])
    if not quota.adjustable:
        raise AwsError("IllegalArgumentException", f"Quota {quota.code} is not adjustable.")
    if wanted <= _applied(exchange, quota):
        message = "You must provide a quota value greater than the current quota value."
        raise AwsError("IllegalArgumentException", message)
    described = _described(exchange, quota, _applied)
    grant(exchange.memory, call.account, call.region, quota, int(wanted))
    members = ("ServiceCode", "ServiceName", "QuotaArn", "QuotaCode", "QuotaName", "Unit", "GlobalQuota")
    requested = {
        **{member: described[member] for member in members},
        "Id": mock_random.uuid4().hex,
        "DesiredValue": wanted,
        "Status": "PENDING",
        "Created": unix_time(),
        "QuotaRequestedAtLevel": "ACCOUNT",
    }
    requests(exchange.memory, call.account, call.region)[requested["Id"]] = {**requested, "Status": "APPROVED"}
    return call.reply({"RequestedQuota": requested})


def _requested(exchange: Exchange) -> Answer:
    call = exchange.call
    found = requests(exchange.memory, call.account, call.region).get(call.parameters["RequestId"])
    if found is None:
        raise AwsError("NoSuchResourceException", "The request failed because the specified request does not exist.")
    return call.reply({"RequestedQuota": found})


def _history(exchange: Exchange) -> Answer:
    call = exchange.call
    filters = {
        name: call.parameters[name] for name in ("ServiceCode", "QuotaCode", "Status") if name in call.parameters
    }
    every = requests(exchange.memory, call.account, call.region).values()
    listed = [request for request in every if filters.items() <= request.items()]
    return call.reply({"RequestedQuotas": listed})


PATCHES: Patches = {
    "GetAWSDefaultServiceQuota": lambda exchange: _get(exchange, _default),
    "GetRequestedServiceQuotaChange": _requested,
    "GetServiceQuota": lambda exchange: _get(exchange, _applied),
    "ListAWSDefaultServiceQuotas": lambda exchange: _list(exchange, _default),
    "ListRequestedServiceQuotaChangeHistory": _history,
    "ListRequestedServiceQuotaChangeHistoryByQuota": _history,
    "ListServiceQuotas": lambda exchange: _list(exchange, _applied),
    "RequestServiceQuotaIncrease": _increase,
}
