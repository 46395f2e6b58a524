"""Lookups of network resources: VPCs, gateways, routes, endpoints, firewalls, DNS and shares."""

from __future__ import annotations

from collections.abc import Mapping

from selfservice.engine.account_access import Account
from selfservice.engine.resource_lookup.lookup import Composed, Listed, Lookup, Properties, first, named

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


def _security_group_rule(*, egress: bool) -> Lookup:
    # Input -> key in EC2's response.
    compared = {
        "ipProtocol": "IpProtocol",
        "fromPort": "FromPort",
        "toPort": "ToPort",
        "cidrIpv4": "CidrIpv4",
        "prefixListId": "PrefixListId",
        "referencedSecurityGroupId": "ReferencedGroupInfo",
    }

    def lookup(inputs: Properties, account: Account) -> str | None:
        group = [{"Name": "group-id", "Values": [inputs["securityGroupId"]]}]
        rules = account.every("ec2", "describe_security_group_rules", "SecurityGroupRules", Filters=group)
        wanted = {theirs: inputs[ours] for ours, theirs in compared.items() if inputs.get(ours) is not None}
        return first(r["SecurityGroupRuleId"] for r in rules if r["IsEgress"] is egress and _matches(r, wanted))

    return lookup


def _matches(rule: Properties, wanted: Properties) -> bool:
    group = (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
    found = {**rule, "ReferencedGroupInfo": group}
    return all(found.get(key) == value for key, value in wanted.items())


def _network(operation: str, key: str, identity: str, filters: Mapping[str, str]) -> Lookup:
    """Returns a lookup that searches an EC2 listing by name and filters (filter -> input)."""

    def lookup(inputs: Properties, account: Account) -> str | None:
        wanted = {**{name: inputs.get(path) for name, path in filters.items()}, "tag:Name": _tag(inputs, "Name")}
        conditions = [{"Name": name, "Values": [value]} for name, value in wanted.items() if value]
        found = account.every("ec2", operation, key, Filters=conditions) if conditions else ()
        there = (item for item in found if item.get("State") not in ("deleted", "deleting"))
        return first(item[identity] for item in there if wanted["tag:Name"] in (None, _tag_of(item, "Name")))

    return lookup


def _tag_of(item: Properties, key: str) -> str | None:
    return next((tag["Value"] for tag in item.get("Tags", ()) if tag["Key"] == key), None)


def _tag(inputs: Properties, key: str) -> str | None:
    return (inputs.get("tags") or {}).get(key)


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
    "aws:ec2/vpc:Vpc": _network("describe_vpcs", "Vpcs", "VpcId", {"cidr": "cidrBlock"}),
    "aws:ec2/subnet:Subnet": _network(
        "describe_subnets", "Subnets", "SubnetId", {"vpc-id": "vpcId", "cidr": "cidrBlock"}
    ),
    "aws:ec2/routeTable:RouteTable": _network(
        "describe_route_tables", "RouteTables", "RouteTableId", {"vpc-id": "vpcId"}
    ),
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _route_table_association,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _security_group_rule(egress=False),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _security_group_rule(egress=True),
    "aws:ec2/securityGroup:SecurityGroup": _network(
        "describe_security_groups", "SecurityGroups", "GroupId", {"vpc-id": "vpcId", "group-name": "name"}
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _network(
        "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", {"vpc-id": "vpcId", "service-name": "serviceName"}
    ),
    "aws:ec2/flowLog:FlowLog": _network("describe_flow_logs", "FlowLogs", "FlowLogId", {"resource-id": "vpcId"}),
    # It is attached after its creation, so the VPC is not a filter.
    "aws:ec2/internetGateway:InternetGateway": _network(
        "describe_internet_gateways", "InternetGateways", "InternetGatewayId", {}
    ),
    "aws:ec2/natGateway:NatGateway": _network(
        "describe_nat_gateways", "NatGateways", "NatGatewayId", {"subnet-id": "subnetId"}
    ),
    "aws:ec2/eip:Eip": _network("describe_addresses", "Addresses", "AllocationId", {}),
    "aws:ec2transitgateway/transitGateway:TransitGateway": _network(
        "describe_transit_gateways", "TransitGateways", "TransitGatewayId", {}
    ),
    "aws:ec2transitgateway/routeTable:RouteTable": _network(
        "describe_transit_gateway_route_tables",
        "TransitGatewayRouteTables",
        "TransitGatewayRouteTableId",
        {"transit-gateway-id": "transitGatewayId"},
    ),
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment": _network(
        "describe_transit_gateway_vpc_attachments",
        "TransitGatewayVpcAttachments",
        "TransitGatewayAttachmentId",
        {"transit-gateway-id": "transitGatewayId", "vpc-id": "vpcId"},
    ),
    "aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter": _accepted_attachment,
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
