"""Walks the networks of an account as EC2 describes them: where do they lead?"""

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
"""Operation, where its answer holds them, what identifies one, and the filter by network; not all have one."""


def routes_of(ec2: Any, vpc: str) -> list[dict[str, Any]]:
    """Every route of every table of a network, the main one included."""
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    assert tables
    return [route for table in tables for route in table["Routes"]]


def ways_out(ec2: Any, vpc: str) -> set[str]:
    """What a network leads to, beside itself and AWS by endpoint: targets of routes, and gateways without a route."""
    targets = {_target(route) for route in routes_of(ec2, vpc)}
    gateways = {found for kind in _GATEWAYS for found in _gateways(ec2, vpc, *kind)}
    return {target for target in targets | gateways if target != "local" and not target.startswith("vpce-")}


def _target(route: dict[str, Any]) -> str:
    """The one member that says where a route leads, whatever kind of target it is."""
    not_targets = ("DestinationCidrBlock", "DestinationPrefixListId", "DestinationIpv6CidrBlock", "Origin", "State")
    (target,) = [value for member, value in route.items() if member not in not_targets]
    return str(target)


def _gateways(ec2: Any, vpc: str, operation: str, key: str, identifier: str, by_network: str) -> list[str]:
    filters = [{"Name": by_network, "Values": [vpc]}] if by_network else []
    found = getattr(ec2, operation)(**({"Filters": filters} if filters else {}))[key]
    return [gateway[identifier] for gateway in found]
