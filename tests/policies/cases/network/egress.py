"""Cases of policies/security/rules/network/egress.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, Case, Situation, but, stack_context

GATEWAY = (
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
    "aws:ec2/carrierGateway:CarrierGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/eip:Eip",
    "aws:ec2/eipAssociation:EipAssociation",
)
ROUTE_TABLE = ("aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable")
GATEWAY_TARGETS = ("carrierGatewayId", "egressOnlyGatewayId", "localGatewayId", "natGatewayId")


EXPERIMENT = {"kind": "experimentation", "internet_egress": True}
ALLOWED = "experimentation that has asked for its egress"

GATEWAYS = [
    Case(
        rule="NW-01",
        type=type_,
        compliant=Situation(inputs={}, context=stack_context(**EXPERIMENT)),
        refused={
            f"is in {kind}": but(kind=kind)
            for kind in ("production", "preproduction", "development", "data-lake", "governance", "audit", "team")
        }
        | {"is in experimentation without declared egress": but(internet_egress=False)},
    )
    for type_ in GATEWAY
]
ROUTES = [
    Case(
        rule="NW-01",
        type=type_,
        compliant=Situation(inputs={"destinationCidrBlock": "10.0.0.0/8", "gatewayId": "local"}),
        optional=frozenset({"destinationCidrBlock", "gatewayId"}),
        refused={
            "leads everywhere": but({"destinationCidrBlock": "0.0.0.0/0"}),
            "leads to half of everywhere": but({"destinationCidrBlock": "128.0.0.0/1"}),
            "leads everywhere by IPv6": but({"destinationCidrBlock": ABSENT, "destinationIpv6CidrBlock": "::/0"}),
            "leads to an internet gateway, wherever else": but({"gatewayId": "igw-1"}),
            **{f"leads to {target}": but({target: UNKNOWN}) for target in GATEWAY_TARGETS},
            "leads to what the public internet uses of IPv6": but({"destinationIpv6CidrBlock": "2000::/3"}),
        },
        accepted={
            f"leads everywhere in {ALLOWED}": but({"destinationCidrBlock": "0.0.0.0/0"}, **EXPERIMENT),
            f"leads to an internet gateway in {ALLOWED}": but({"gatewayId": "igw-1"}, **EXPERIMENT),
            "leads to an endpoint": but({"gatewayId": "vpce-1"}),
            "leads to premises of the company": but({"gatewayId": "vgw-1"}),
            "names no gateway": but({"gatewayId": "", "natGatewayId": ""}),
            "leads to what is no range": but({"destinationCidrBlock": "everywhere"}),
            "leads to a large range of IPv6": but({"destinationIpv6CidrBlock": "2001::/16"}),
        },
    )
    for type_ in ("aws:ec2/route:Route",)
]
ROUTE_TABLES = [
    Case(
        rule="NW-01",
        type=type_,
        compliant=Situation(inputs={"routes": [{"cidrBlock": "10.0.0.0/8"}]}),
        optional=frozenset({"routes", "routes.0", "routes.0.cidrBlock"}),
        refused={
            "holds a route that leads everywhere": but({"routes.0.cidrBlock": "0.0.0.0/0"}),
            "holds a second route that leads to a gateway": but(
                {"routes": [{"cidrBlock": "10.0.0.0/8"}, {"cidrBlock": "10.9.0.0/16", "natGatewayId": "nat-1"}]}
            ),
            "holds a second route that leads everywhere by IPv6": but(
                {"routes": [{"cidrBlock": "10.0.0.0/8"}, {"ipv6CidrBlock": "::/0"}]}
            ),
        },
        accepted={f"leads everywhere in {ALLOWED}": but({"routes.0.cidrBlock": "0.0.0.0/0"}, **EXPERIMENT)},
    )
    for type_ in ROUTE_TABLE
]
LISTS = [
    Case(
        rule="NW-01",
        type=type_,
        compliant=Situation(inputs={"entries": [{"cidr": "10.0.0.0/8"}]}),
        optional=frozenset({"entries", "entries.0", "entries.0.cidr"}),
        refused={
            "lists any address": but({"entries.0.cidr": "0.0.0.0/0"}),
            "lists any address among others": but({"entries": [{"cidr": "10.0.0.0/8"}, {"cidr": "::/0"}]}),
        },
        accepted={f"lists any address in {ALLOWED}": but({"entries.0.cidr": "0.0.0.0/0"}, **EXPERIMENT)},
    )
    for type_ in ("aws:ec2/managedPrefixList:ManagedPrefixList",)
]
ENTRIES = [
    Case(
        rule="NW-01",
        type=type_,
        compliant=Situation(inputs={"cidr": "10.0.0.0/8"}),
        optional=frozenset({"cidr"}),
        refused={"lists any address": but({"cidr": "0.0.0.0/0"})},
    )
    for type_ in ("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry",)
]

CASES = [*GATEWAYS, *ROUTES, *ROUTE_TABLES, *LISTS, *ENTRIES]
