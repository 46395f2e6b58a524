"""Lake Formation: settings of registered locations, which moto does not keep."""

from __future__ import annotations

from typing import Any

from moto.lakeformation.models import lakeformation_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import now

_SWITCHES = ("WithFederation", "HybridAccessEnabled", "WithPrivilegedAccess")


def _places(exchange: Exchange) -> dict[str, Any]:
    return exchange.memory.notes("lakeformation", "locations", exchange.call.account, exchange.call.region)


def _registered(call: Call) -> dict[str, Any]:
    role = call.parameters.get("RoleArn") or (
        f"arn:aws:iam::{call.account}:role/aws-service-role/lakeformation.amazonaws.com/"
        "AWSServiceRoleForLakeFormationDataAccess"
    )
    return {
        "ResourceArn": call.parameters["ResourceArn"],
        "RoleArn": role,
        "LastModified": now(),
        **{name: bool(call.parameters.get(name, False)) for name in _SWITCHES},
    }


def _register(exchange: Exchange) -> Answer:
    answer = exchange.below()
    if answer.succeeded:
        _places(exchange)[exchange.call.parameters["ResourceArn"]] = _registered(exchange.call)
    return answer


def _describe(exchange: Exchange) -> Answer:
    return exchange.call.reply({"ResourceInfo": _require(exchange)})


def _update(exchange: Exchange) -> Answer:
    place = _require(exchange)
    given = exchange.call.parameters
    place.update({name: given[name] for name in ("RoleArn", *_SWITCHES) if name in given}, LastModified=now())
    return exchange.call.reply({})


def _require(exchange: Exchange) -> dict[str, Any]:
    arn = exchange.call.parameters["ResourceArn"]
    if arn not in lakeformation_backends[exchange.call.account][exchange.call.region].resources:
        raise AwsError("EntityNotFoundException", f"Resource {arn} is not registered.")
    return dict(_places(exchange)[arn]) if exchange.call.name == "DescribeResource" else _places(exchange)[arn]


def _list(exchange: Exchange) -> Answer:
    kept = lakeformation_backends[exchange.call.account][exchange.call.region].resources
    return exchange.call.reply(
        {"ResourceInfoList": [place for arn, place in sorted(_places(exchange).items()) if arn in kept]}
    )


PATCHES: Patches = {
    "DescribeResource": _describe,
    "ListResources": _list,
    "RegisterResource": _register,
    "UpdateResource": _update,
}
