"""Samples of AWS Security Hub."""

from __future__ import annotations

from typing import Any

from conformance.members import members
from conformance.sample import Aws, Kept, Sample

_FSBP = "arn:aws:securityhub:eu-west-1::standards/aws-foundational-security-best-practices/v/1.0.0"
_CIS = "arn:aws:securityhub:eu-west-1::standards/cis-aws-foundations-benchmark/v/3.0.0"


def _hub(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("securityhub").describe_hub()
    return {"new controls": found["AutoEnableControls"], "findings": found["ControlFindingGenerator"]}


def _organization(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("securityhub").describe_organization_configuration()
    return {
        "by itself": found["AutoEnable"],
        "standards": found["AutoEnableStandards"],
        "how": found["OrganizationConfiguration"]["ConfigurationType"],
    }


def _configure_locally(aws: Aws) -> None:
    aws("securityhub").update_organization_configuration(
        AutoEnable=False, AutoEnableStandards="NONE", OrganizationConfiguration={"ConfigurationType": "LOCAL"}
    )


def _aggregator(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("securityhub").get_finding_aggregator(FindingAggregatorArn=it.id)
    return {"mode": found["RegionLinkingMode"], "regions": found.get("Regions")}


def _policy(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("securityhub").get_configuration_policy(Identifier=it.id)
    return {"name": found["Name"], "policy": found["ConfigurationPolicy"]["SecurityHub"]}


def _given(*standards: str) -> dict[str, Any]:
    return {
        "serviceEnabled": True,
        "enabledStandardArns": list(standards),
        "securityControlsConfiguration": {"disabledControlIdentifiers": ["IAM.6"]},
    }


def _seen(*standards: str) -> dict[str, Any]:
    return {
        "ServiceEnabled": True,
        "EnabledStandardIdentifiers": list(standards),
        "SecurityControlsConfiguration": {"DisabledSecurityControlIdentifiers": ["IAM.6"]},
    }


def _associated(aws: Aws, it: Kept) -> str:
    found = aws("securityhub").get_configuration_policy_association(Target={"RootId": it.id})
    return str(found["ConfigurationPolicyId"])


def _standards(aws: Aws, it: Kept) -> list[str]:
    found = aws("securityhub").get_enabled_standards(StandardsSubscriptionArns=[it.id])["StandardsSubscriptions"]
    return [standards_subscription["StandardsArn"] for standards_subscription in found]


def _rename_policy(aws: Aws, it: Kept) -> None:
    aws("securityhub").update_configuration_policy(Identifier=it.id, Name="drifted")


def _administrators(aws: Aws, _it: Kept) -> list[str]:
    listed = aws("securityhub").list_organization_admin_accounts()["AdminAccounts"]
    return [found["AccountId"] for found in listed]


SAMPLES = [
    Sample(
        type="aws:securityhub/account:Account",
        inputs={"enableDefaultStandards": False, "autoEnableControls": False},
        look=_hub,
        seen={"new controls": False, "findings": "SECURITY_CONTROL"},
        change={"autoEnableControls": True, "controlFindingGenerator": "STANDARD_CONTROL"},
        seen_changed={"new controls": True, "findings": "STANDARD_CONTROL"},
        replace={"enableDefaultStandards": True},
        drift=lambda aws, it: aws("securityhub").update_security_hub_configuration(AutoEnableControls=True),
        drifts="autoEnableControls",
        remove=lambda aws, it: aws("securityhub").disable_security_hub(),
        not_imported=("enableDefaultStandards",),
    ),
    Sample(
        type="aws:securityhub/organizationConfiguration:OrganizationConfiguration",
        inputs={
            "autoEnable": False,
            "autoEnableStandards": "NONE",
            "organizationConfiguration": {"configurationType": "CENTRAL"},
        },
        look=_organization,
        seen={"by itself": False, "standards": "NONE", "how": "CENTRAL"},
        change={
            "autoEnable": True,
            "autoEnableStandards": "DEFAULT",
            "organizationConfiguration": {"configurationType": "LOCAL"},
        },
        seen_changed={"by itself": True, "standards": "DEFAULT", "how": "LOCAL"},
        drift=lambda aws, it: _configure_locally(aws),
        drifts="organizationConfiguration",
    ),
    Sample(
        type="aws:securityhub/findingAggregator:FindingAggregator",
        inputs={"linkingMode": "SPECIFIED_REGIONS", "specifiedRegions": ["us-east-1"]},
        look=_aggregator,
        seen={"mode": "SPECIFIED_REGIONS", "regions": ["us-east-1"]},
        change={"specifiedRegions": ["eu-central-1"]},
        seen_changed={"mode": "SPECIFIED_REGIONS", "regions": ["eu-central-1"]},
        drift=lambda aws, it: aws("securityhub").update_finding_aggregator(
            FindingAggregatorArn=it.id, RegionLinkingMode="SPECIFIED_REGIONS", Regions=["eu-north-1"]
        ),
        drifts="specifiedRegions",
        remove=lambda aws, it: aws("securityhub").delete_finding_aggregator(FindingAggregatorArn=it.id),
    ),
    Sample(
        type="aws:securityhub/configurationPolicy:ConfigurationPolicy",
        inputs={"name": "policy-{n}", "description": "before", "configurationPolicy": _given(_FSBP)},
        look=_policy,
        seen={"name": "policy-{n}", "policy": _seen(_FSBP)},
        change={"name": "renamed-{n}", "configurationPolicy": _given(_FSBP, _CIS)},
        seen_changed={"name": "renamed-{n}", "policy": _seen(_FSBP, _CIS)},
        drift=_rename_policy,
        drifts="name",
        remove=lambda aws, it: aws("securityhub").delete_configuration_policy(Identifier=it.id),
    ),
    Sample(
        type="aws:securityhub/configurationPolicyAssociation:ConfigurationPolicyAssociation",
        needs={
            "policy": (
                "aws:securityhub/configurationPolicy:ConfigurationPolicy",
                {"name": "first-{n}", "configurationPolicy": _given(_FSBP)},
            ),
            "other": (
                "aws:securityhub/configurationPolicy:ConfigurationPolicy",
                {"name": "second-{n}", "configurationPolicy": _given(_CIS)},
            ),
        },
        inputs={"policyId": "{policy.id}", "targetId": "r-root{n}"},
        look=_associated,
        seen="{policy.id}",
        change={"policyId": "{other.id}"},
        seen_changed="{other.id}",
        replace={"targetId": "r-another"},
        drift=lambda aws, it: aws("securityhub").start_configuration_policy_association(
            ConfigurationPolicyIdentifier=it.known["other"].id, Target={"RootId": it.id}
        ),
        drifts="policyId",
        remove=lambda aws, it: aws("securityhub").start_configuration_policy_disassociation(
            ConfigurationPolicyIdentifier=it.outputs["policyId"], Target={"RootId": it.id}
        ),
    ),
    Sample(
        type="aws:securityhub/standardsSubscription:StandardsSubscription",
        inputs={"standardsArn": _FSBP},
        look=_standards,
        seen=[_FSBP],
        replace={"standardsArn": _CIS},
        remove=lambda aws, it: aws("securityhub").batch_disable_standards(StandardsSubscriptionArns=[it.id]),
    ),
    Sample(
        type="aws:securityhub/organizationAdminAccount:OrganizationAdminAccount",
        needs=members("securityhub.amazonaws.com"),
        inputs={"adminAccountId": "{audit.id}"},
        look=_administrators,
        seen=["{audit.id}"],
        replace={"adminAccountId": "210987654321"},
        remove=lambda aws, it: aws("securityhub").disable_organization_admin_account(AdminAccountId=it.id),
    ),
]
