"""Samples of Amazon GuardDuty."""

from __future__ import annotations

from typing import Any

from conformance.members import members
from conformance.sample import Aws, Kept, Need, Sample

_DETECTOR: Need = ("aws:guardduty/detector:Detector", {})


def _detector(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("guardduty").get_detector(DetectorId=it.id)
    return {"status": found["Status"], "tells": found["FindingPublishingFrequency"], "tags": found["Tags"]}


def _feature(aws: Aws, it: Kept) -> list[dict[str, Any]]:
    return list(aws("guardduty").get_detector(DetectorId=it.outputs["detectorId"])["Features"])


def _members(aws: Aws, it: Kept) -> str:
    found = aws("guardduty").describe_organization_configuration(DetectorId=it.outputs["detectorId"])
    return str(found["AutoEnableOrganizationMembers"])


def _feature_of_members(aws: Aws, it: Kept) -> list[dict[str, Any]]:
    found = aws("guardduty").describe_organization_configuration(DetectorId=it.outputs["detectorId"])
    return list(found["Features"])


def _switch(aws: Aws, it: Kept, status: str) -> None:
    feature = {"Name": it.outputs["name"], "Status": status}
    aws("guardduty").update_detector(DetectorId=it.outputs["detectorId"], Features=[feature])


def _configure_members(aws: Aws, it: Kept, **configuration: Any) -> None:
    aws("guardduty").update_organization_configuration(DetectorId=it.outputs["detectorId"], **configuration)


def _agent(status: str) -> list[dict[str, str]]:
    return [{"Name": "EKS_ADDON_MANAGEMENT", "Status": status}]


def _administrators(aws: Aws, _it: Kept) -> list[str]:
    listed = aws("guardduty").list_organization_admin_accounts()["AdminAccounts"]
    return [found["AdminAccountId"] for found in listed]


SAMPLES = [
    Sample(
        type="aws:guardduty/detector:Detector",
        inputs={"enable": True, "findingPublishingFrequency": "FIFTEEN_MINUTES", "tags": {"own": "1"}},
        look=_detector,
        seen={"status": "ENABLED", "tells": "FIFTEEN_MINUTES", "tags": {"from": "provider", "own": "1"}},
        change={"enable": False, "findingPublishingFrequency": "ONE_HOUR", "tags": None},
        seen_changed={"status": "DISABLED", "tells": "ONE_HOUR", "tags": {"from": "provider"}},
        drift=lambda aws, it: aws("guardduty").update_detector(DetectorId=it.id, Enable=False),
        drifts="enable",
        remove=lambda aws, it: aws("guardduty").delete_detector(DetectorId=it.id),
    ),
    Sample(
        type="aws:guardduty/detectorFeature:DetectorFeature",
        needs={"detector": _DETECTOR},
        inputs={
            "detectorId": "{detector.id}",
            "name": "RUNTIME_MONITORING",
            "status": "ENABLED",
            "additionalConfigurations": [{"name": "EKS_ADDON_MANAGEMENT", "status": "ENABLED"}],
        },
        look=_feature,
        seen=[{"Name": "RUNTIME_MONITORING", "Status": "ENABLED", "AdditionalConfiguration": _agent("ENABLED")}],
        change={
            "status": "DISABLED",
            "additionalConfigurations": [{"name": "EKS_ADDON_MANAGEMENT", "status": "DISABLED"}],
        },
        seen_changed=[
            {"Name": "RUNTIME_MONITORING", "Status": "DISABLED", "AdditionalConfiguration": _agent("DISABLED")}
        ],
        replace={"name": "S3_DATA_EVENTS"},
        drift=lambda aws, it: _switch(aws, it, "DISABLED"),
        drifts="status",
    ),
    Sample(
        type="aws:guardduty/organizationConfiguration:OrganizationConfiguration",
        needs={"detector": _DETECTOR},
        inputs={"detectorId": "{detector.id}", "autoEnableOrganizationMembers": "ALL"},
        look=_members,
        seen="ALL",
        change={"autoEnableOrganizationMembers": "NEW"},
        seen_changed="NEW",
        replace={"detectorId": "another"},
        drift=lambda aws, it: _configure_members(aws, it, AutoEnableOrganizationMembers="NONE"),
        drifts="autoEnableOrganizationMembers",
    ),
    Sample(
        type="aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature",
        needs={"detector": _DETECTOR},
        inputs={"detectorId": "{detector.id}", "name": "S3_DATA_EVENTS", "autoEnable": "ALL"},
        look=_feature_of_members,
        seen=[{"Name": "S3_DATA_EVENTS", "AutoEnable": "ALL"}],
        change={"autoEnable": "NEW"},
        seen_changed=[{"Name": "S3_DATA_EVENTS", "AutoEnable": "NEW"}],
        replace={"name": "EKS_AUDIT_LOGS"},
        drift=lambda aws, it: _configure_members(aws, it, Features=[{"Name": "S3_DATA_EVENTS", "AutoEnable": "NONE"}]),
        drifts="autoEnable",
    ),
    Sample(
        type="aws:guardduty/organizationAdminAccount:OrganizationAdminAccount",
        needs=members("guardduty.amazonaws.com"),
        inputs={"adminAccountId": "{audit.id}"},
        look=_administrators,
        seen=["{audit.id}"],
        replace={"adminAccountId": "210987654321"},
        remove=lambda aws, it: aws("guardduty").disable_organization_admin_account(AdminAccountId=it.id),
    ),
]
