"""The permissions that AWS publishes for each type of resource, and those of them that the deployer does not have:
``python -m tests.access.cloudformation``.

CloudFormation lists the permissions of its handlers in the schema of a type; cfn-lint contains the schemas, with their
date. ``cloudformation.yaml`` keeps what the deployer leaves out, such as permissions for properties that no stack sets.
A test compares it with both sides, so a permission that the deployer loses, and one that AWS adds, are noticed. Only
services of the type's own actions are compared, because a stack passes keys, roles and buckets by other types. The
command writes the file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

import yaml
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from components.identity.deployer.kinds import CALLS_BY_KIND, calls_in
from tests.support.computed import REGION

TABLE = Path(__file__).with_suffix(".yaml")
HEADER = """# Permissions that CloudFormation lists for a type and that the deployer lacks, as no stack needs them.
# Written by `python -m tests.access.cloudformation`. Look at the difference before you commit it.
"""
_SERVICES = {"cfg": "config", "ssoadmin": "sso", "vpc": "ec2", "ec2transitgateway": "ec2", "sfn": "stepfunctions"}
"""Service of CloudFormation by module of the provider, if the two differ."""
_NAMES = {
    "aws:cloudwatch/dashboard:Dashboard": "AWS::CloudWatch::Dashboard",
    "aws:cloudwatch/eventBus:EventBus": "AWS::Events::EventBus",
    "aws:cloudwatch/eventRule:EventRule": "AWS::Events::Rule",
    "aws:cloudwatch/logGroup:LogGroup": "AWS::Logs::LogGroup",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "AWS::Logs::MetricFilter",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "AWS::Logs::ResourcePolicy",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "AWS::CloudWatch::Alarm",
    "aws:cfg/recorder:Recorder": "AWS::Config::ConfigurationRecorder",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "AWS::EC2::SubnetRouteTableAssociation",
    "aws:ec2transitgateway/routeTable:RouteTable": "AWS::EC2::TransitGatewayRouteTable",
    "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation": (
        "AWS::EC2::TransitGatewayRouteTableAssociation"
    ),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": "AWS::EC2::TransitGatewayVpcAttachment",
    "aws:glue/catalogDatabase:CatalogDatabase": "AWS::Glue::Database",
    "aws:glue/catalogTable:CatalogTable": "AWS::Glue::Table",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": "AWS::IAM::OIDCProvider",
    "aws:lakeformation/lfTag:LfTag": "AWS::LakeFormation::Tag",
    "aws:lakeformation/permissions:Permissions": "AWS::LakeFormation::PrincipalPermissions",
    "aws:lakeformation/resourceLfTags:ResourceLfTags": "AWS::LakeFormation::TagAssociation",
    "aws:macie2/account:Account": "AWS::Macie::Session",
    "aws:route53/profilesAssociation:ProfilesAssociation": "AWS::Route53Profiles::ProfileAssociation",
    "aws:route53/profilesProfile:ProfilesProfile": "AWS::Route53Profiles::Profile",
    "aws:route53/profilesResourceAssociation:ProfilesResourceAssociation": (
        "AWS::Route53Profiles::ProfileResourceAssociation"
    ),
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": "AWS::Route53Resolver::FirewallDomainList",
    "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup": "AWS::Route53Resolver::FirewallRuleGroup",
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": (
        "AWS::Route53Resolver::FirewallRuleGroupAssociation"
    ),
    "aws:securityhub/account:Account": "AWS::SecurityHub::Hub",
    "aws:securityhub/configurationPolicyAssociation:ConfigurationPolicyAssociation": (
        "AWS::SecurityHub::PolicyAssociation"
    ),
    "aws:sns/topicSubscription:TopicSubscription": "AWS::SNS::Subscription",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "AWS::EC2::SecurityGroupEgress",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "AWS::EC2::SecurityGroupIngress",
}  # fmt: skip
"""Type of CloudFormation by type of the provider, if the names differ."""


@cache
def _types() -> Mapping[str, str]:
    """Returns the types of CloudFormation by their name in small letters."""
    return {name.lower(): name for name in PROVIDER_SCHEMA_MANAGER.get_resource_types(REGION)}


def listed_for(type_: str) -> frozenset[str]:
    """Returns the permissions that CloudFormation lists for a type of the provider; none if it has no such type."""
    module, name = type_.removeprefix("aws:").split("/")
    service = _SERVICES.get(module, module)
    found = _NAMES.get(type_) or _types().get(f"aws::{service}::{name.partition(':')[2].lower()}")
    if found is None:
        return frozenset()
    handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, found).schema.get("handlers", {})
    listed = {
        permission
        for name, handler in handlers.items()
        if name != "list"
        for permission in handler.get("permissions", ())
    }
    return frozenset(permission for permission in listed if "*" not in permission)


def held_for() -> dict[str, set[str]]:
    """Returns the permissions of the deployer by type, also those reserved for the management account."""
    held: dict[str, set[str]] = {}
    for type_, calls in calls_in(CALLS_BY_KIND):
        held.setdefault(type_, set()).update(calls.allowed, calls.reserved)
    return held


def left_out() -> dict[str, list[str]]:
    """Returns what AWS lists and the deployer does not have, by type."""
    missing = {type_: sorted(_lacking(type_, held)) for type_, held in sorted(held_for().items())}
    return {type_: found for type_, found in missing.items() if found}


def _lacking(type_: str, held: Collection[str]) -> set[str]:
    # The schemas write some services in capital letters.
    known, services = {permission.lower() for permission in held}, {permission.partition(":")[0] for permission in held}
    listed = (
        f"{service.lower()}:{name}"
        for service, _, name in (permission.partition(":") for permission in listed_for(type_))
    )
    return {
        permission
        for permission in listed
        if permission.lower() not in known and permission.partition(":")[0] in services
    }


def known() -> dict[str, list[str]]:
    """Returns what the file says."""
    found: dict[str, list[str]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    TABLE.write_text(HEADER + yaml.safe_dump(left_out(), width=118, default_flow_style=None), encoding="utf-8")
