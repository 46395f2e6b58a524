"""Attributes for access control. The vendor's provider has a list of values, whereas AWS has one value with sources."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def create_attributes(caller: Caller, known: Properties) -> None:
    caller.aws("create_instance_access_control_attribute_configuration", **_request(known))


def update_attributes(caller: Caller, known: Properties) -> None:
    caller.aws("update_instance_access_control_attribute_configuration", **_request(known))


def read_attributes(caller: Caller, known: Properties) -> Properties:
    answer = caller.aws("describe_instance_access_control_attribute_configuration", InstanceArn=known["instanceArn"])
    found = answer["InstanceAccessControlAttributeConfiguration"]["AccessControlAttributes"]
    return {
        "instanceArn": known["instanceArn"],
        "status": answer["Status"],
        "statusReason": answer.get("StatusReason", ""),
        "attributes": [
            {"key": attribute["Key"], "values": [{"sources": attribute["Value"]["Source"]}]} for attribute in found
        ],
    }


def _request(known: Properties) -> dict[str, Any]:
    attributes = [
        {
            "Key": attribute["key"],
            "Value": {"Source": [source for value in attribute["values"] for source in value["sources"]]},
        }
        for attribute in known["attributes"]
    ]
    return {
        "InstanceArn": known["instanceArn"],
        "InstanceAccessControlAttributeConfiguration": {"AccessControlAttributes": attributes},
    }
