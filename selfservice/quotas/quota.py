"""The quotas that stacks in one account use up together, with AWS's default values.

Sources: AWS General Reference, endpoints and quotas of VPC, EC2, IAM, S3, EventBridge, EKS, RDS, DynamoDB and Network
Firewall, with the codes of Service Quotas; CloudWatch Logs User Guide and CloudTrail User Guide, "Quotas" (all read
2026-11-26). Quotas of single resources, such as rules of a security group, do not depend on the placement. They are
left out, and so are quotas that no stack comes near.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

GLOBAL = "us-east-1"
"""Region in which Service Quotas has the quotas of global services."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """How AWS lists what an account has, with the ids that states have too."""

    service: str
    operation: str
    key: str
    """Member of the answer with the list."""
    id: str = ""
    """Member of an item with its id; empty if the item is the id."""
    arguments: Mapping[str, str] | None = None
    only: Mapping[str, str] | None = None
    """Members by which items count."""
    marker: str = ""
    """Text that the ids of counted items contain."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """One quota. Its resources are counted by type (:func:`counted_type`)."""

    name: str
    """Name in Service Quotas, or in the documentation if Service Quotas does not have it."""
    service: str
    code: str | None
    """Code in Service Quotas; None if Service Quotas does not have it."""
    default: int | None
    """Value of a new account; None if AWS does not publish it."""
    types: tuple[str, ...]
    listing: Listing | None
    """None if what others have in the account does not count, because each stack has a whole quota of its own."""
    scope: Literal["region", "account", "VPC"] = "region"
    new_account: int = 0
    """Number of these resources that AWS creates in a new account."""
    raised_with: str | None = None
    """Code of the quota whose increase raises this one too."""
    advice: str = "give some of these stacks an account of their own in the placement"
    """How to need less."""
    source: str = ""
    """Where the value is documented if Service Quotas does not have it."""

    @property
    def key(self) -> str:
        return f"{self.service}/{self.code or self.name}"

    @property
    def title(self) -> str:
        return f"{self.name} ({self.service} {self.code or 'without a code'})"

    def service_region(self, region: str) -> str:
        """Returns the region in which Service Quotas has this quota."""
        return GLOBAL if self.scope == "account" else region


_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_GROUP = "aws:networkfirewall/ruleGroup:RuleGroup"
_RULE = "aws:cloudwatch/eventRule:EventRule"
_KINDS: Mapping[str, tuple[str, str]] = {
    _ENDPOINT: ("vpcEndpointType", "Gateway"),
    _GROUP: ("type", "STATEFUL"),
    _RULE: ("eventBusName", "default"),
}
"""Property that tells which quota counts a resource, and its default, by type of resource."""


def counted_type(type_: str, inputs: Mapping[str, Any]) -> str:
    """Returns the type of a resource as quotas count it: that of the engine, and a kind if quotas tell them apart."""
    if type_ not in _KINDS:
        return type_
    name, default = _KINDS[type_]
    return f"{type_} {inputs.get(name) or default}"


def _ec2(operation: str, key: str, id_: str, only: Mapping[str, str] | None = None) -> Listing:
    return Listing(service="ec2", operation=operation, key=key, id=id_, only=only)


def _firewall(operation: str, key: str, id_: str, marker: str = "") -> Listing:
    return Listing(service="network-firewall", operation=operation, key=key, id=id_, marker=marker)


QUOTAS: tuple[Quota, ...] = (
    Quota(
        name="VPCs per Region",
        service="vpc",
        code="L-F678F1CE",
        default=5,
        types=("aws:ec2/vpc:Vpc",),
        listing=_ec2("describe_vpcs", "Vpcs", "VpcId"),
        new_account=1,
    ),
    Quota(
        name="Internet gateways per Region",
        service="vpc",
        code="L-A4707A72",
        default=5,
        types=("aws:ec2/internetGateway:InternetGateway",),
        listing=_ec2("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
        new_account=1,
        raised_with="L-F678F1CE",
        advice="set `internet_access: false` in an environment, or place it in an account of its own",
    ),
    Quota(
        name="NAT gateways per Availability Zone",
        service="vpc",
        code="L-FE5A380F",
        default=5,
        types=("aws:ec2/natGateway:NatGateway",),
        listing=_ec2("describe_nat_gateways", "NatGateways", "NatGatewayId", {"State": "available"}),
        advice="set `internet_access: false` in an environment, or place it in an account of its own",
    ),
    Quota(
        name="Gateway VPC endpoints per Region",
        service="vpc",
        code="L-1B52E74A",
        default=20,
        types=(f"{_ENDPOINT} Gateway",),
        listing=_ec2("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", {"VpcEndpointType": "Gateway"}),
    ),
    Quota(
        name="Interface VPC endpoints per VPC",
        service="vpc",
        code="L-29B6F2EB",
        default=50,
        types=(f"{_ENDPOINT} Interface",),
        listing=None,
        scope="VPC",
        advice="set `endpoints: shared`",
    ),
    Quota(
        name="EC2-VPC Elastic IPs",
        service="ec2",
        code="L-0263D0A3",
        default=5,
        types=("aws:ec2/eip:Eip",),
        listing=_ec2("describe_addresses", "Addresses", "AllocationId"),
        advice="set `internet_access: false` in an environment, or place it in an account of its own",
    ),
    Quota(
        name="Transit gateways per account",
        service="ec2",
        code="L-A2478D36",
        default=5,
        types=("aws:ec2transitgateway/transitGateway:TransitGateway",),
        listing=_ec2("describe_transit_gateways", "TransitGateways", "TransitGatewayId", {"State": "available"}),
    ),
    Quota(
        name="Resource policies per Region",
        service="logs",
        code=None,
        default=10,
        types=("aws:cloudwatch/logResourcePolicy:LogResourcePolicy",),
        listing=Listing(
            service="logs", operation="describe_resource_policies", key="resourcePolicies", id="policyName"
        ),
        source='CloudWatch Logs User Guide, "Quotas", read 2026-11-26',
    ),
    Quota(
        name="Firewalls",
        service="network-firewall",
        code="L-DE163D32",
        default=5,
        types=("aws:networkfirewall/firewall:Firewall",),
        listing=_firewall("list_firewalls", "Firewalls", "FirewallArn"),
        advice="set `internet_access: false` in an environment, or place it in an account of its own",
    ),
    Quota(
        name="Firewall policies",
        service="network-firewall",
        code="L-0814492B",
        default=20,
        types=("aws:networkfirewall/firewallPolicy:FirewallPolicy",),
        listing=_firewall("list_firewall_policies", "FirewallPolicies", "Arn"),
    ),
    Quota(
        name="Stateful rulegroups",
        service="network-firewall",
        code="L-2D7A0EE2",
        default=50,
        types=(f"{_GROUP} STATEFUL",),
        listing=_firewall("list_rule_groups", "RuleGroups", "Arn", ":stateful-rulegroup/"),
    ),
    Quota(
        name="Stateless rulegroups",
        service="network-firewall",
        code="L-EAE8E19E",
        default=50,
        types=(f"{_GROUP} STATELESS",),
        listing=_firewall("list_rule_groups", "RuleGroups", "Arn", ":stateless-rulegroup/"),
    ),
    Quota(
        name="Total domains",
        service="sagemaker",
        code="L-B683BCB0",
        default=None,
        types=("aws:sagemaker/domain:Domain",),
        listing=Listing(service="sagemaker", operation="list_domains", key="Domains", id="DomainId"),
        advice="leave `studio` out of an environment, or place it in an account of its own",
    ),
    Quota(
        name="Trails per Region",
        service="cloudtrail",
        code=None,
        default=5,
        types=("aws:cloudtrail/trail:Trail",),
        listing=Listing(service="cloudtrail", operation="list_trails", key="Trails", id="TrailARN"),
        advice="delete a trail that the organization trail replaces",
        source='CloudTrail User Guide, "Quotas", read 2026-11-26',
    ),
    Quota(
        name="Number of rules",
        service="events",
        code="L-244521F2",
        default=300,
        types=(f"{_RULE} default",),
        listing=Listing(
            service="events", operation="list_rules", key="Rules", id="Name", arguments={"EventBusName": "default"}
        ),
    ),
    Quota(
        name="Roles per account",
        service="iam",
        code="L-FE177D64",
        default=1_000,
        types=("aws:iam/role:Role", "aws:iam/serviceLinkedRole:ServiceLinkedRole"),
        listing=Listing(service="iam", operation="list_roles", key="Roles", id="Arn"),
        scope="account",
        new_account=3,
    ),
    Quota(
        name="Customer managed policies per account",
        service="iam",
        code="L-E95E4862",
        default=1_500,
        types=("aws:iam/policy:Policy",),
        listing=Listing(
            service="iam", operation="list_policies", key="Policies", id="Arn", arguments={"Scope": "Local"}
        ),
        scope="account",
    ),
    Quota(
        name="General purpose buckets",
        service="s3",
        code="L-DC2B2D3D",
        default=10_000,
        types=("aws:s3/bucket:Bucket",),
        listing=Listing(service="s3", operation="list_buckets", key="Buckets", id="Name"),
        scope="account",
    ),
    Quota(
        name="Maximum number of tables",
        service="dynamodb",
        code="L-F98FE922",
        default=2_500,
        types=("aws:dynamodb/table:Table",),
        listing=Listing(service="dynamodb", operation="list_tables", key="TableNames"),
    ),
    Quota(
        name="Clusters",
        service="eks",
        code="L-1194D53C",
        default=100,
        types=("aws:eks/cluster:Cluster",),
        listing=Listing(service="eks", operation="list_clusters", key="clusters"),
    ),
    Quota(
        name="DB clusters",
        service="rds",
        code="L-952B80B8",
        default=40,
        types=("aws:rds/cluster:Cluster",),
        listing=Listing(service="rds", operation="describe_db_clusters", key="DBClusters", id="DBClusterIdentifier"),
    ),
    Quota(
        name="DB instances",
        service="rds",
        code="L-7B6409FD",
        default=40,
        types=("aws:rds/clusterInstance:ClusterInstance", "aws:rds/instance:Instance"),
        listing=Listing(service="rds", operation="describe_db_instances", key="DBInstances", id="DBInstanceIdentifier"),
    ),
)
BY_KEY: Mapping[str, Quota] = {quota.key: quota for quota in QUOTAS}
OF_TYPE: Mapping[str, Quota] = {type_: quota for quota in QUOTAS for type_ in quota.types}
