"""AWS Security Hub."""

from __future__ import annotations

from plinth_sandbox.provider.functions.security.securityhub import (
    associate,
    create_policy,
    disassociate,
    read_association,
    read_policy,
    update_policy,
)
from plinth_sandbox.provider.vocabulary import Call, Name, Resource, Update

NOT_SUBSCRIBED = "InvalidAccessException: .*not subscribed"
_SWITCHES = ["autoEnableControls", "controlFindingGenerator"]

ACCOUNT = Resource(
    type="aws:securityhub/account:Account",
    create=Call("enable_security_hub", carries=["enableDefaultStandards", "controlFindingGenerator"]),
    identifier="{@account}",
    read=Call("describe_hub", gives={"arn": "HubArn"}),
    update=[Update("update_security_hub_configuration", carries=_SWITCHES)],
    delete="disable_security_hub",
    absent=NOT_SUBSCRIBED,
    defaults={
        "autoEnableControls": True,
        "controlFindingGenerator": "SECURITY_CONTROL",
        "enableDefaultStandards": True,
    },
    unread=["enableDefaultStandards"],
    name=None,
)

ORGANIZATION_CONFIGURATION = Resource(
    type="aws:securityhub/organizationConfiguration:OrganizationConfiguration",
    put="update_organization_configuration",
    identifier="{@account}",
    read="describe_organization_configuration",
    delete=Call(
        "update_organization_configuration",
        {
            "AutoEnable": False,
            "AutoEnableStandards": "NONE",
            "OrganizationConfiguration": {"ConfigurationType": "LOCAL"},
        },
    ),
    computed=["autoEnableStandards", "organizationConfiguration"],
    name=None,
)

FINDING_AGGREGATOR = Resource(
    type="aws:securityhub/findingAggregator:FindingAggregator",
    create=Call("create_finding_aggregator", gives={"id": "FindingAggregatorArn"}),
    address={"FindingAggregatorArn": "{id}"},
    read=Call("get_finding_aggregator", gives={"arn": "FindingAggregatorArn"}),
    update=["update_finding_aggregator"],
    delete="delete_finding_aggregator",
    renames={"linkingMode": "RegionLinkingMode", "specifiedRegions": "Regions"},
    name=None,
)

CONFIGURATION_POLICY = Resource(
    type="aws:securityhub/configurationPolicy:ConfigurationPolicy",
    create=create_policy,
    creates=["name", "description", "configurationPolicy"],
    address={"Identifier": "{id}"},
    read=read_policy,
    update=[Update(update_policy, carries=["name", "description", "configurationPolicy"])],
    delete="delete_configuration_policy",
    name=Name(longest=128),
)

CONFIGURATION_POLICY_ASSOCIATION = Resource(
    type="aws:securityhub/configurationPolicyAssociation:ConfigurationPolicyAssociation",
    create=associate,
    creates=["policyId", "targetId"],
    identifier="{targetId}",
    read=read_association,
    update=[Update(associate, carries=["policyId"])],
    delete=disassociate,
    name=None,
)

_SUBSCRIBED = {"StandardsSubscriptionArns": ["{id}"]}
_SUBSCRIPTION = "StandardsSubscriptions[0]"

STANDARDS_SUBSCRIPTION = Resource(
    type="aws:securityhub/standardsSubscription:StandardsSubscription",
    create=Call(
        "batch_enable_standards",
        {"StandardsSubscriptionRequests": [{"StandardsArn": "{standardsArn}"}]},
        gives={"id": f"{_SUBSCRIPTION}.StandardsSubscriptionArn"},
    ),
    read=Call(
        "get_enabled_standards",
        _SUBSCRIBED,
        within=_SUBSCRIPTION,
        gives={"arn": f"{_SUBSCRIPTION}.StandardsSubscriptionArn"},
    ),
    delete=Call("batch_disable_standards", _SUBSCRIBED),
    name=None,
)

ORGANIZATION_ADMIN_ACCOUNT = Resource(
    type="aws:securityhub/organizationAdminAccount:OrganizationAdminAccount",
    create="enable_organization_admin_account",
    identifier="{adminAccountId}",
    read=Call("list_organization_admin_accounts", within="AdminAccounts[?AccountId=='{adminAccountId}'] | [0]"),
    delete="disable_organization_admin_account",
    absent="is not a delegated administrator",
    name=None,
)

RESOURCES = [
    ORGANIZATION_ADMIN_ACCOUNT,
    ACCOUNT,
    ORGANIZATION_CONFIGURATION,
    FINDING_AGGREGATOR,
    CONFIGURATION_POLICY,
    CONFIGURATION_POLICY_ASSOCIATION,
    STANDARDS_SUBSCRIPTION,
]
