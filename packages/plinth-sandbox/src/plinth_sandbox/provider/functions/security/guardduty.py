"""What members of an organization get of GuardDuty, feature by feature: its request repeats what holds for all."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def put_members_feature(caller: Caller, known: Properties) -> None:
    """GuardDuty refuses a request that does not say which members it is about."""
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
