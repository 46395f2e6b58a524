"""Comparison of the resources in the accounts of an emulated organization with those in the engine's states.

The lists are AWS's own, without tags and filters, so something that nobody tagged is seen as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jmespath

from tests.support.workbench import ACCESS_ROLE, Workbench


@dataclass(frozen=True, slots=True)
class Listing:
    """How AWS lists the resources of one type in an account, as the provider's ids."""

    service: str
    operation: str
    ids: str
    """JMESPath of the ids in the whole result."""
    arguments: Mapping[str, str] = field(default_factory=dict)


_OF_A_NETWORK = "VpcId != '{default}'"
LISTINGS: Mapping[str, Listing] = {
    "aws:accessanalyzer/analyzer:Analyzer": Listing("accessanalyzer", "list_analyzers", "analyzers[].name"),
    "aws:budgets/budget:Budget": Listing(
        "budgets", "describe_budgets", "Budgets[].join(':', ['{account}', BudgetName])", {"AccountId": "{account}"}
    ),
    "aws:cloudtrail/trail:Trail": Listing("cloudtrail", "list_trails", "Trails[].TrailARN"),
    "aws:cloudwatch/eventRule:EventRule": Listing("events", "list_rules", "Rules[].Name"),
    "aws:cloudwatch/logGroup:LogGroup": Listing("logs", "describe_log_groups", "logGroups[].logGroupName"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Listing("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    "aws:ec2/eip:Eip": Listing("ec2", "describe_addresses", "Addresses[].AllocationId"),
    "aws:ec2/flowLog:FlowLog": Listing("ec2", "describe_flow_logs", "FlowLogs[].FlowLogId"),
    "aws:ec2/internetGateway:InternetGateway": Listing(
        "ec2",
        "describe_internet_gateways",
        "InternetGateways[?!Attachments || Attachments[0].VpcId != '{default}'].InternetGatewayId",
    ),
    "aws:ec2/natGateway:NatGateway": Listing("ec2", "describe_nat_gateways", "NatGateways[].NatGatewayId"),
    "aws:ec2/routeTable:RouteTable": Listing(
        "ec2", "describe_route_tables", "RouteTables[?!(Associations[?Main])].RouteTableId"
    ),
    "aws:ec2/securityGroup:SecurityGroup": Listing(
        "ec2", "describe_security_groups", "SecurityGroups[?GroupName != 'default'].GroupId"
    ),
    "aws:ec2/subnet:Subnet": Listing("ec2", "describe_subnets", f"Subnets[?{_OF_A_NETWORK}].SubnetId"),
    "aws:ec2/vpc:Vpc": Listing("ec2", "describe_vpcs", f"Vpcs[?{_OF_A_NETWORK}].VpcId"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Listing(
        # A firewall makes endpoints of its own, which go with it.
        "ec2",
        "describe_vpc_endpoints",
        "VpcEndpoints[?VpcEndpointType != 'GatewayLoadBalancer'].VpcEndpointId",
    ),
    "aws:guardduty/detector:Detector": Listing("guardduty", "list_detectors", "DetectorIds"),
    "aws:iam/policy:Policy": Listing("iam", "list_policies", "Policies[].Arn", {"Scope": "Local"}),
    "aws:iam/role:Role": Listing(
        "iam",
        "list_roles",
        f"Roles[?RoleName != '{ACCESS_ROLE}' && !starts_with(Path, '/aws-service-role/')].RoleName",
    ),
    "aws:kms/alias:Alias": Listing("kms", "list_aliases", "Aliases[?!starts_with(AliasName, 'alias/aws/')].AliasName"),
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": Listing(
        "route53resolver", "list_firewall_domain_lists", "FirewallDomainLists[].Id"
    ),
    "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup": Listing(
        "route53resolver", "list_firewall_rule_groups", "FirewallRuleGroups[].Id"
    ),
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": Listing(
        "route53resolver", "list_firewall_rule_group_associations", "FirewallRuleGroupAssociations[].Id"
    ),
    "aws:s3/bucket:Bucket": Listing("s3", "list_buckets", "Buckets[].Name"),
    "aws:sagemaker/domain:Domain": Listing("sagemaker", "list_domains", "Domains[].DomainId"),
    "aws:sns/topic:Topic": Listing("sns", "list_topics", "Topics[].TopicArn"),
    "aws:sqs/queue:Queue": Listing("sqs", "list_queues", "QueueUrls"),
    "aws:ssm/parameter:Parameter": Listing("ssm", "describe_parameters", "Parameters[].Name"),
}
"""Listing of each type that an account can contain more than once."""

ACCOUNT = "aws:organizations/account:Account"
GROUP = "aws:identitystore/group:Group"
PERMISSION_SET = "aws:ssoadmin/permissionSet:PermissionSet"
POLICY = "aws:organizations/policy:Policy"
UNIT = "aws:organizations/organizationalUnit:OrganizationalUnit"
KEY = "aws:kms/key:Key"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
COMPARED = frozenset({*LISTINGS, ACCOUNT, GROUP, PERMISSION_SET, POLICY, UNIT, KEY, EGRESS_RULE, INGRESS_RULE})
"""Types that are compared."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The resources in AWS and in the states, as pairs of type and id."""

    compared: Counter[str]
    """Number of resources in AWS by type."""
    orphaned: list[tuple[str, str]]
    """In AWS and in no state. A second resource instead of one is an orphan too."""
    missing: list[tuple[str, str]]
    """In a state and not in AWS, or in the states more often than in AWS."""
    doubled: list[tuple[str, str]]
    """Addresses of several accounts."""

    @property
    def faults(self) -> list[tuple[str, str]]:
        return [*self.orphaned, *self.missing, *self.doubled]


def compare(bench: Workbench) -> Comparison:
    """Compares all accounts of the organization with all states. An id may occur once per account."""
    states = [resource for stack in bench.stacks() for resource in bench.state(stack)]
    found = Counter(_found(bench, frozenset(resource["id"] for resource in states if _has_rules(resource))))
    stated = Counter((resource["type"], resource["id"]) for resource in states if resource["type"] in COMPARED)
    accounts = bench.client("organizations").list_accounts()["Accounts"]
    addresses = Counter(account["Email"].casefold() for account in accounts)
    return Comparison(
        compared=Counter(type_ for type_, _ in found.elements()),
        orphaned=sorted((found - stated).elements()),
        missing=sorted((stated - found).elements()),
        doubled=[(ACCOUNT, email) for email, count in addresses.items() if count > 1],
    )


def _has_rules(resource: Mapping[str, Any]) -> bool:
    """Returns whether the rules of a security group are its properties instead of resources of their own."""
    inputs = resource.get("inputs") or {}
    return resource["type"] == "aws:ec2/securityGroup:SecurityGroup" and bool(
        inputs.get("ingress") or inputs.get("egress")
    )


def _found(bench: Workbench, with_rules: frozenset[str]) -> Iterator[tuple[str, str]]:
    management = bench.client("sts").get_caller_identity()["Account"]
    organizations = bench.client("organizations")
    yield from ((POLICY, identity) for identity in _policies(organizations))
    yield from ((UNIT, identity) for identity in _units(organizations))
    yield from _of_identity_center(bench)
    accounts = organizations.get_paginator("list_accounts").paginate().build_full_result()["Accounts"]
    for account in (candidate["Id"] for candidate in accounts if candidate["Status"] == "ACTIVE"):
        client = None if account == management else account
        if client is not None:
            yield ACCOUNT, account
        ec2 = bench.client("ec2", client)
        default = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        known = {"account": account, "default": next((vpc["VpcId"] for vpc in default), "")}
        for type_, listing in LISTINGS.items():
            yield from ((type_, identity) for identity in _ids(bench, listing, client, known))
        yield from ((KEY, identity) for identity in _keys(bench.client("kms", client)))
        yield from _rules(ec2, with_rules)


def _ids(bench: Workbench, listing: Listing, account: str | None, known: Mapping[str, str]) -> list[str]:
    client = bench.client(listing.service, account)
    arguments = {name: value.format_map(known) for name, value in listing.arguments.items()}
    path = listing.ids
    for name, value in known.items():
        path = path.replace(f"{{{name}}}", value)
    if client.can_paginate(listing.operation):
        whole: Any = client.get_paginator(listing.operation).paginate(**arguments).build_full_result()
    else:
        whole = getattr(client, listing.operation)(**arguments)
    return list(jmespath.search(path, whole) or [])


def _keys(kms: Any) -> Iterator[str]:
    for listed in kms.list_keys()["Keys"]:
        key = kms.describe_key(KeyId=listed["KeyId"])["KeyMetadata"]
        if key["KeyManager"] == "CUSTOMER" and key["Enabled"]:
            yield key["KeyId"]


def _rules(ec2: Any, with_rules: frozenset[str]) -> Iterator[tuple[str, str]]:
    listed = ec2.describe_security_groups()["SecurityGroups"]
    groups = {group["GroupId"] for group in listed if group["GroupName"] != "default"} - with_rules
    for rule in ec2.describe_security_group_rules()["SecurityGroupRules"]:
        if rule["GroupId"] in groups:
            yield EGRESS_RULE if rule["IsEgress"] else INGRESS_RULE, rule["SecurityGroupRuleId"]


def _policies(organizations: Any) -> Iterator[str]:
    (root,) = organizations.list_roots()["Roots"]
    for kind in (policy_type["Type"] for policy_type in root["PolicyTypes"]):
        listed = organizations.get_paginator("list_policies").paginate(Filter=kind).build_full_result()
        yield from (policy["Id"] for policy in listed["Policies"] if not policy["AwsManaged"])


def _of_identity_center(bench: Workbench) -> Iterator[tuple[str, str]]:
    center, directory = bench.client("sso-admin"), bench.client("identitystore")
    for instance in center.list_instances()["Instances"]:
        arn, store = instance["InstanceArn"], instance["IdentityStoreId"]
        groups = directory.get_paginator("list_groups").paginate(IdentityStoreId=store).build_full_result()["Groups"]
        yield from ((GROUP, f"{store}/{group['GroupId']}") for group in groups)
        listed = center.get_paginator("list_permission_sets").paginate(InstanceArn=arn).build_full_result()
        yield from ((PERMISSION_SET, f"{each},{arn}") for each in listed["PermissionSets"])


def _units(organizations: Any) -> Iterator[str]:
    parents = [root["Id"] for root in organizations.list_roots()["Roots"]]
    while parents:
        listed = organizations.get_paginator("list_organizational_units_for_parent")
        units = listed.paginate(ParentId=parents.pop()).build_full_result()["OrganizationalUnits"]
        parents += [unit["Id"] for unit in units]
        yield from (unit["Id"] for unit in units)
