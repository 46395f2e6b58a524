"""Finds all egress of a recorded network: gateways, and routes out of it."""

from __future__ import annotations

from tests.support.recorder import Recorder

GATEWAYS = (
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
    "aws:ec2/carrierGateway:CarrierGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/vpnGateway:VpnGateway",
    "aws:ec2/eip:Eip",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
)
TARGETS = {
    "gatewayId": "gateway",
    "natGatewayId": "nat",
    "egressOnlyGatewayId": "egress-only",
    "vpcPeeringConnectionId": "peer",
    "vpcEndpointId": "firewall",
    "transitGatewayId": "transit",
}
TABLES = ("aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable")


def find_egress(recorder: Recorder) -> list[str]:
    """Returns every route that leaves the network, and every gateway even without a route, as messages for a failing
    test."""
    routes = [(r.name, r.inputs) for r in recorder.all("aws:ec2/route:Route")]
    routes += [
        (table.name, route)
        for type_ in TABLES
        for table in recorder.all(type_)
        for route in table.inputs.get("routes") or []
    ]
    found = [
        f"{name}: {inputs.get('destinationCidrBlock') or inputs.get('cidrBlock')} -> {_target(inputs)}"
        for name, inputs in routes
    ]
    return found + [f"{r.name}: {r.type} -> exists" for type_ in GATEWAYS for r in recorder.all(type_)]


def _target(route: dict[str, object]) -> str:
    return next((kind for property_, kind in TARGETS.items() if route.get(property_)), "unknown")
