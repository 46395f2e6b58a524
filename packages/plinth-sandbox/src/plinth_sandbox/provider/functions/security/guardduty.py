"""GuardDuty features of organization members. The request repeats the general setting."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def put_members_feature(caller: Caller, known: Properties) -> None:
    """Sets a feature. GuardDuty refuses a request without the setting for members."""
    now = caller.aws("describe_organization_configuration", DetectorId=known["detectorId"])
    feature: dict[str, Any] = {"Name": known["name"], "AutoEnable": known["autoEnable"]}
    if parts := known.get("additionalConfigurations"):
        feature["AdditionalConfiguration"] = [
            {"Name": part["name"], "AutoEnable": part["autoEnable"]} for part in parts
        ]
    caller.aws(
        "update_organization_configuration",
        DetectorId=known["detectorId"],
        AutoEnableOrganizationMembers=now["AutoEnableOrganizationMembers"],
        Features=[feature],
    )
