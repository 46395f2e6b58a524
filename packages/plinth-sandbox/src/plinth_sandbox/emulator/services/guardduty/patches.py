"""GuardDuty: one detector per account, tags of detectors, updates of single features, and settings for members of the
organization."""

from __future__ import annotations

from typing import Any

from moto.guardduty.models import guardduty_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

Features = dict[str, dict[str, Any]]


def _create(exchange: Exchange) -> Answer:
    """Refuses a second detector. An account has one per region (GuardDuty API Reference, ``CreateDetector``)."""
    call = exchange.call
    if guardduty_backends[call.account][call.region].detectors:
        raise AwsError(
            "BadRequestException", "The request is rejected because a detector already exists for the current account."
        )
    return exchange.below()


def _update(exchange: Exchange) -> Answer:
    """Updates the features in the request. moto replaces all features."""
    _require(exchange)
    _merge(_features(exchange, "own"), exchange.call.parameters)
    return exchange.below()


def _get(exchange: Exchange) -> Answer:
    def complete(result: dict[str, Any]) -> None:
        result["Features"] = list(_features(exchange, "own").values())

    _require(exchange)
    return exchange.amend(complete)


def _update_organization(exchange: Exchange) -> Answer:
    _require(exchange)
    parameters = exchange.call.parameters
    _merge(_features(exchange, "of members"), parameters)
    if "AutoEnableOrganizationMembers" in parameters:
        _members(exchange)["enabled"] = parameters["AutoEnableOrganizationMembers"]
    return exchange.call.reply({})


def _describe_organization(exchange: Exchange) -> Answer:
    _require(exchange)
    enabled = _members(exchange).get("enabled", "NONE")
    return exchange.call.reply(
        {
            "AutoEnable": enabled != "NONE",
            "AutoEnableOrganizationMembers": enabled,
            "MemberAccountLimitReached": False,
            "Features": list(_features(exchange, "of members").values()),
        }
    )


def _tag(exchange: Exchange) -> Answer:
    _tags(exchange).update(exchange.call.parameters["Tags"])
    return exchange.call.reply({})


def _untag(exchange: Exchange) -> Answer:
    for key in exchange.call.parameters["TagKeys"]:
        _tags(exchange).pop(key, None)
    return exchange.call.reply({})


def _tags(exchange: Exchange) -> dict[str, str]:
    call = exchange.call
    detector = guardduty_backends[call.account][call.region].get_detector(
        str(call.parameters["ResourceArn"]).rpartition("/")[2]
    )
    tags: dict[str, str] = detector.tags
    return tags


def _require(exchange: Exchange) -> None:
    call = exchange.call
    if call.parameters["DetectorId"] not in guardduty_backends[call.account][call.region].detectors:
        message = "The request is rejected because the input detectorId is not owned by the current account."
        raise AwsError("BadRequestException", message)


def _merge(features: Features, parameters: dict[str, Any]) -> None:
    for feature in parameters.get("Features", []):
        features[feature["Name"]] = features.get(feature["Name"], {}) | feature


def _features(exchange: Exchange, whose: str) -> Features:
    return exchange.memory.notes("guardduty", whose, exchange.call.account, exchange.call.parameters["DetectorId"])


def _members(exchange: Exchange) -> dict[str, Any]:
    return exchange.memory.notes("guardduty", "members", exchange.call.account, exchange.call.parameters["DetectorId"])


PATCHES: Patches = {
    "CreateDetector": _create,
    "DescribeOrganizationConfiguration": _describe_organization,
    "GetDetector": _get,
    "ListTagsForResource": lambda exchange: exchange.call.reply({"Tags": _tags(exchange)}),
    "TagResource": _tag,
    "UntagResource": _untag,
    "UpdateDetector": _update,
    "UpdateOrganizationConfiguration": _update_organization,
}
