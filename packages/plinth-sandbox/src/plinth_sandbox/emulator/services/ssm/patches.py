"""Systems Manager: service settings of an account and region, which moto lacks."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import now

_INITIALLY = {
    "/ssm/documents/console/public-sharing-permission": "Enable",
    "/ssm/parameter-store/default-parameter-tier": "Standard",
    "/ssm/parameter-store/high-throughput-enabled": "false",
}
"""Defaults of AWS (API reference, ServiceSetting)."""


def _get(exchange: Exchange) -> Answer:
    return exchange.call.reply({"ServiceSetting": _setting(exchange)})


def _update(exchange: Exchange) -> Answer:
    _setting(exchange)
    _changed(exchange)[_name(exchange)] = (exchange.call.parameters["SettingValue"], now())
    return exchange.call.reply({})


def _reset(exchange: Exchange) -> Answer:
    _changed(exchange).pop(_name(exchange), None)
    return _get(exchange)


def _setting(exchange: Exchange) -> dict[str, Any]:
    name, place = _name(exchange), exchange.call
    if name not in _INITIALLY:
        raise AwsError("ServiceSettingNotFound", f"Setting with ID {name} not found.")
    arn = f"arn:aws:ssm:{place.region}:{place.account}:servicesetting{name}"
    shown = {"SettingId": name, "SettingValue": _INITIALLY[name], "Status": "Default", "ARN": arn}
    if name in _changed(exchange):
        value, moment = _changed(exchange)[name]
        shown |= {"SettingValue": value, "Status": "Customized", "LastModifiedDate": moment}
    return shown


def _name(exchange: Exchange) -> str:
    """Returns the name of a setting, given its path or its ARN."""
    given = str(exchange.call.parameters["SettingId"])
    return given.partition(":servicesetting")[2] or given


def _changed(exchange: Exchange) -> dict[str, Any]:
    return exchange.memory.notes("ssm", exchange.call.account, exchange.call.region)


PATCHES: Patches = {"GetServiceSetting": _get, "ResetServiceSetting": _reset, "UpdateServiceSetting": _update}
