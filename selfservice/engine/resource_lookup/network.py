"""Lookups of network resources: VPCs, gateways, routes, endpoints, firewalls, DNS and shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from selfservice.engine.account_access import Account
from selfservice.engine.resource_lookup.lookup import (
    Composed,
    Listed,
    Lookup,
    Properties,
    Searched,
    first,
    named,
    value_of,
)

_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
"""Input of a route -> key in EC2's response."""


def _route(inputs: Properties, account: Account) -> str | None:
    """Finds a route. It has no id of its own: the provider composes one from the table and the destination."""
    table_id, destination = inputs["routeTableId"], next(filter(None, map(inputs.get, _DESTINATIONS)))
    of_table = [{"Name": "route-table-id", "Values": [table_id]}]
    tables = account.every("ec2", "describe_route_tables", "RouteTables", Filters=of_table)
    found = {route.get(key) for table in tables for route in table["Routes"] for key in _DESTINATIONS.values()}
    return f"{table_id}_{destination}" if destination in found else None


def _route_table_association(inputs: Properties, account: Account) -> str | None:
    subnet = [{"Name": "association.subnet-id", "Values": [inputs["subnetId"]]}]
    tables = account.every("ec2", "describe_route_tables", "RouteTables", Filters=subnet)
    associations = (association for table in tables for association in table["Associations"])
    return first(a["RouteTableAssociationId"] for a in associations if a.get("SubnetId") == inputs["subnetId"])


_RULE = {
    "ipProtocol": "IpProtocol",
    "fromPort": "FromPort",
    "toPort": "ToPort",
    "cidrIpv4": "CidrIpv4",
    "prefixListId": "PrefixListId",
    "referencedSecurityGroupId": "ReferencedGroupInfo",
}
"""Input of a security group's rule -> key in EC2's response. EC2 refuses a second rule with the same values."""


def _security_group_rule(*, egress: bool) -> Lookup:
    def search(inputs: Properties, account: Account) -> str | None:
        group = [{"Name": "group-id", "Values": [inputs["securityGroupId"]]}]
        rules = account.every("ec2", "describe_security_group_rules", "SecurityGroupRules", Filters=group)
        wanted = {theirs: inputs[ours] for ours, theirs in _RULE.items() if inputs.get(ours) is not None}
        return first(r["SecurityGroupRuleId"] for r in rules if r["IsEgress"] is egress and _matches(r, wanted))

    return Searched(search, ("securityGroupId", *_RULE))


def _matches(rule: Properties, wanted: Properties) -> bool:
    group = (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
    found = {**rule, "ReferencedGroupInfo": group}
    return all(found.get(key) == value for key, value in wanted.items())


@dataclass(frozen=True, slots=True)
class Described:
    """A lookup in a listing of EC2, whose resources have no names: by inputs that EC2 filters by, and the tag ``Name``.

    The vendor's provider tags in the creating call. Where the inputs alone identify a resource, one without the tag is
    found too.
    """

    operation: str
    items: str
    identity: str
    filters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Filter of the listing -> input."""
    suffices: bool = False
    """Whether at most one resource of the program has these inputs."""

    @property
    def key(self) -> tuple[str, ...]:
        return (*self.filters.values(), *(() if self.suffices else (_NAME,)))

    def __call__(self, inputs: Properties, account: Account) -> str | None:
        name = value_of(inputs, _NAME)
        wanted = {theirs: inputs[ours] for theirs, ours in self.filters.items() if inputs.get(ours)}
        if name is not None and not self.suffices:
            wanted["tag:Name"] = name
        if not wanted:
            return None
        conditions = [{"Name": theirs, "Values": [value]} for theirs, value in wanted.items()]
        found = account.every("ec2", self.operation, self.items, Filters=conditions)
        # A resource of another name is somebody else's.
        own = [item for item in found if _exists(item) and _name_of(item) in (name, None)]
        return first(item[self.identity] for item in sorted(own, key=lambda item: _name_of(item) is None))


_NAME = "tags.Name"
_GONE = frozenset({"deleted", "deleting", "expired", "failed", "rejected"})
"""States of resources that EC2 still lists. It spells them in upper and lower case."""


def _exists(item: Properties) -> bool:
    return str(item.get("State") or item.get("ServiceState") or "").lower() not in _GONE


def _name_of(item: Properties) -> str | None:
    return next((tag["Value"] for tag in item.get("Tags", ()) if tag["Key"] == "Name"), None)


def _accepted_attachment(inputs: Properties, account: Account) -> str | None:
    """Finds the attachment to accept, whose id is the id of the accepter."""
    ids = [inputs["transitGatewayAttachmentId"]]
    found = account.every(
        "ec2",
        "describe_transit_gateway_vpc_attachments",
        "TransitGatewayVpcAttachments",
        Filters=[{"Name": "transit-gateway-attachment-id", "Values": ids}],
    )
    return first(a["TransitGatewayAttachmentId"] for a in found if a["State"] in ("available", "pending"))


LOOKUPS: Mapping[str, Lookup] = {
    "aws:ec2/vpc:Vpc": Described("describe_vpcs", "Vpcs", "VpcId", {"cidr": "cidrBlock"}),
    "aws:ec2/subnet:Subnet": Described(
        "describe_subnets", "Subnets", "SubnetId", {"vpc-id": "vpcId", "cidr": "cidrBlock"}, suffices=True
    ),
    "aws:ec2/routeTable:RouteTable": Described(
        "describe_route_tables", "RouteTables", "RouteTableId", {"vpc-id": "vpcId"}
    ),
    "aws:ec2/route:Route": Searched(_route, ("routeTableId", *_DESTINATIONS)),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Searched(_route_table_association, ("subnetId",)),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _security_group_rule(egress=False),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _security_group_rule(egress=True),
    "aws:ec2/securityGroup:SecurityGroup": Described(
        "describe_security_groups",
        "SecurityGroups",
        "GroupId",
        {"vpc-id": "vpcId", "group-name": "name"},
        suffices=True,
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Described(
        "describe_vpc_endpoints",
        "VpcEndpoints",
        "VpcEndpointId",
        {"vpc-id": "vpcId", "service-name": "serviceName", "vpc-endpoint-type": "vpcEndpointType"},
        suffices=True,
    ),
    "aws:ec2/vpcEndpointService:VpcEndpointService": Described(
        "describe_vpc_endpoint_service_configurations", "ServiceConfigurations", "ServiceId"
    ),
    "aws:vpc/endpointServicePrivateDnsVerification:EndpointServicePrivateDnsVerification": Composed("{serviceId}"),
    "aws:ec2/flowLog:FlowLog": Described(
        "describe_flow_logs", "FlowLogs", "FlowLogId", {"resource-id": "vpcId"}, suffices=True
    ),
    # It is attached after its creation, so the VPC is not a filter.
    "aws:ec2/internetGateway:InternetGateway": Described(
        "describe_internet_gateways", "InternetGateways", "InternetGatewayId"
    ),
    "aws:ec2/natGateway:NatGateway": Described(
        "describe_nat_gateways", "NatGateways", "NatGatewayId", {"subnet-id": "subnetId"}, suffices=True
    ),
    "aws:ec2/eip:Eip": Described("describe_addresses", "Addresses", "AllocationId"),
    "aws:ec2transitgateway/transitGateway:TransitGateway": Described(
        "describe_transit_gateways", "TransitGateways", "TransitGatewayId"
    ),
    "aws:ec2transitgateway/routeTable:RouteTable": Described(
        "describe_transit_gateway_route_tables",
        "TransitGatewayRouteTables",
        "TransitGatewayRouteTableId",
        {"transit-gateway-id": "transitGatewayId"},
    ),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": Described(
        "describe_transit_gateway_vpc_attachments",
        "TransitGatewayVpcAttachments",
        "TransitGatewayAttachmentId",
        {"transit-gateway-id": "transitGatewayId", "vpc-id": "vpcId"},
        suffices=True,
    ),
    "aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter": Searched(
        _accepted_attachment, ("transitGatewayAttachmentId",)
    ),
    "aws:ec2transitgateway/route:Route": Composed("{transitGatewayRouteTableId}_{destinationCidrBlock}"),
    "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation": Composed(
        "{transitGatewayRouteTableId}_{transitGatewayAttachmentId}"
    ),
    "aws:networkfirewall/firewall:Firewall": Listed(
        "network-firewall", "list_firewalls", "Firewalls", "FirewallArn", {"FirewallName": "name"}
    ),
    "aws:networkfirewall/firewallPolicy:FirewallPolicy": Listed(
        "network-firewall", "list_firewall_policies", "FirewallPolicies", "Arn", {"Name": "name"}
    ),
    "aws:networkfirewall/ruleGroup:RuleGroup": Listed(
        "network-firewall", "list_rule_groups", "RuleGroups", "Arn", {"Name": "name"}, {"Type": "{type}"}
    ),
    "aws:networkfirewall/loggingConfiguration:LoggingConfiguration": named("firewallArn"),
    "aws:ram/resourceShare:ResourceShare": Listed(
        "ram",
        "get_resource_shares",
        "resourceShares",
        "resourceShareArn",
        {"name": "name"},
        {"resourceOwner": "SELF", "resourceShareStatus": "ACTIVE"},
    ),
    "aws:ram/principalAssociation:PrincipalAssociation": Composed("{resourceShareArn},{principal}"),
    "aws:ram/resourceAssociation:ResourceAssociation": Composed("{resourceShareArn},{resourceArn}"),
    "aws:route53/profilesProfile:ProfilesProfile": Listed(
        "route53profiles",
        "list_profiles",
        "ProfileSummaries",
        "Id",
        {"Name": "name"},
        unless={"ShareStatus": "SHARED_WITH_ME"},
    ),
    "aws:route53/profilesAssociation:ProfilesAssociation": Listed(
        "route53profiles",
        "list_profile_associations",
        "ProfileAssociations",
        "Id",
        {"Name": "name"},
        {"ProfileId": "{profileId}", "ResourceId": "{resourceId}"},
        unless={"Status": "DELETING"},
    ),
    "aws:route53/profilesResourceAssociation:ProfilesResourceAssociation": Listed(
        "route53profiles",
        "list_profile_resource_associations",
        "ProfileResourceAssociations",
        "Id",
        {"Name": "name", "ResourceArn": "resourceArn"},
        {"ProfileId": "{profileId}"},
        unless={"Status": "DELETING"},
    ),
    "aws:route53/resolverFirewallDomainList:ResolverFirewallDomainList": Listed(
        "route53resolver", "list_firewall_domain_lists", "FirewallDomainLists", "Id", {"Name": "name"}
    ),
    "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup": Listed(
        "route53resolver",
        "list_firewall_rule_groups",
        "FirewallRuleGroups",
        "Id",
        {"Name": "name"},
        unless={"ShareStatus": "SHARED_WITH_ME"},
    ),
    "aws:route53/resolverFirewallRule:ResolverFirewallRule": Composed("{firewallRuleGroupId}:{firewallDomainListId}"),
    "aws:route53/resolverFirewallRuleGroupAssociation:ResolverFirewallRuleGroupAssociation": Listed(
        "route53resolver",
        "list_firewall_rule_group_associations",
        "FirewallRuleGroupAssociations",
        "Id",
        {"Name": "name"},
        {"FirewallRuleGroupId": "{firewallRuleGroupId}", "VpcId": "{vpcId}"},
        unless={"Status": "DELETING"},
    ),
}
