"""Amazon GuardDuty."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.functions.security.guardduty import put_members_feature
from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging, Update

DETECTOR = Resource(
    type="aws:guardduty/detector:Detector",
    create=Call("create_detector", carries=["enable", "findingPublishingFrequency"], gives={"id": "DetectorId"}),
    address={"DetectorId": "{id}"},
    read=Call(
        "get_detector", gives={"enable": "Status == 'ENABLED'", "tags": "Tags"}, carries=["findingPublishingFrequency"]
    ),
    update=[Update(Call("update_detector", carries=["enable", "findingPublishingFrequency"]))],
    delete="delete_detector",
    absent="BadRequestException: .*not owned by the current account",
    defaults={"enable": True, "findingPublishingFrequency": "SIX_HOURS"},
    derived={
        "accountId": "{@account}",
        "arn": "arn:{@partition}:guardduty:{@region}:{@account}:detector/{id}",
    },
    name=None,
    tags=Tagging(read=None),
)

_PARTS_OF_A_DETECTOR: dict[str, Any] = {
    "address": {"DetectorId": "{detectorId}"},
    "absent": "BadRequestException: .*not owned by the current account",
    "name": None,
}

DETECTOR_FEATURE = Resource(
    type="aws:guardduty/detectorFeature:DetectorFeature",
    put=Call("update_detector", within="Features", carries=["name", "status", "additionalConfigurations"]),
    identifier="{detectorId}/{name}",
    read=Call("get_detector", within="Features[?Name=='{name}'] | [0]"),
    delete=None,  # the vendor's provider leaves a feature unchanged
    replaces=["detectorId", "name"],
    **_PARTS_OF_A_DETECTOR,
)

ORGANIZATION_CONFIGURATION = Resource(
    type="aws:guardduty/organizationConfiguration:OrganizationConfiguration",
    put=Call("update_organization_configuration", carries=["autoEnableOrganizationMembers"]),
    identifier="{detectorId}",
    read=Call("describe_organization_configuration", carries=["autoEnableOrganizationMembers"]),
    delete=Call("update_organization_configuration", {"AutoEnableOrganizationMembers": "NONE"}),
    replaces=["detectorId"],
    **_PARTS_OF_A_DETECTOR,
)

ORGANIZATION_CONFIGURATION_FEATURE = Resource(
    type="aws:guardduty/organizationConfigurationFeature:OrganizationConfigurationFeature",
    create=put_members_feature,
    creates=["detectorId", "name", "autoEnable", "additionalConfigurations"],
    identifier="{detectorId}/{name}",
    read=Call("describe_organization_configuration", within="Features[?Name=='{name}'] | [0]"),
    update=[Update(put_members_feature, carries=["autoEnable", "additionalConfigurations"])],
    delete=None,  # the vendor's provider leaves a feature unchanged
    replaces=["detectorId", "name"],
    **_PARTS_OF_A_DETECTOR,
)

ORGANIZATION_ADMIN_ACCOUNT = Resource(
    type="aws:guardduty/organizationAdminAccount:OrganizationAdminAccount",
    create="enable_organization_admin_account",
    identifier="{adminAccountId}",
    read=Call("list_organization_admin_accounts", within="AdminAccounts[?AdminAccountId=='{adminAccountId}'] | [0]"),
    delete="disable_organization_admin_account",
    absent="is not a delegated administrator",
    name=None,
)

RESOURCES = [
    ORGANIZATION_ADMIN_ACCOUNT,
    DETECTOR,
    DETECTOR_FEATURE,
    ORGANIZATION_CONFIGURATION,
    ORGANIZATION_CONFIGURATION_FEATURE,
]
