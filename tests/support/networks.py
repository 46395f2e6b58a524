"""Finds all egress of an account's networks, from what the EC2 API returns."""

from __future__ import annotations

from typing import Any

_GATEWAYS = (
    ("describe_internet_gateways", "InternetGateways", "InternetGatewayId", "attachment.vpc-id"),
    ("describe_egress_only_internet_gateways", "EgressOnlyInternetGateways", "EgressOnlyInternetGatewayId", ""),
    ("describe_carrier_gateways", "CarrierGateways", "CarrierGatewayId", "vpc-id"),
    ("describe_nat_gateways", "NatGateways", "NatGatewayId", "vpc-id"),
    ("describe_vpn_gateways", "VpnGateways", "VpnGatewayId", "attachment.vpc-id"),
    ("describe_vpc_peering_connections", "VpcPeeringConnections", "VpcPeeringConnectionId", ""),
)
"""Operation, response member, identifier and filter by network for each type of gateway. Not all have a filter."""


def routes_of(ec2: Any, vpc: str) -> list[dict[str, Any]]:
    """Returns every route of every route table of a network, including the main one."""
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    assert tables
    return [route for table in tables for route in table["Routes"]]


def find_egress(ec2: Any, vpc: str) -> set[str]:
    """Returns the targets of routes out of a network, and gateways without a route. Local routes and endpoints do not
    count."""
    targets = {_target(route) for route in routes_of(ec2, vpc)}
    gateways = {found for kind in _GATEWAYS for found in _gateways(ec2, vpc, *kind)}
    return {target for target in targets | gateways if target != "local" and not target.startswith("vpce-")}


def _target(route: dict[str, Any]) -> str:
    """Returns the target of a route, of any type."""
    not_targets = ("DestinationCidrBlock", "DestinationPrefixListId", "DestinationIpv6CidrBlock", "Origin", "State")
    (target,) = [value for member, value in route.items() if member not in not_targets]
    return str(target)


def _gateways(ec2: Any, vpc: str, operation: str, key: str, identifier: str, by_network: str) -> list[str]:
    filters = [{"Name": by_network, "Values": [vpc]}] if by_network else []
    found = getattr(ec2, operation)(**({"Filters": filters} if filters else {}))[key]
    return [gateway[identifier] for gateway in found]
