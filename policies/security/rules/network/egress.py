"""Rules about ways out of a network: gateways, public addresses, and routes that lead to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_network

from policies.security.inputs.readers import Properties, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Level, Rule, Verdict, for_each, refuse

GATEWAY = (
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
    "aws:ec2/carrierGateway:CarrierGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/eip:Eip",
    "aws:ec2/eipAssociation:EipAssociation",
)
ROUTE = ("aws:ec2/route:Route",)
ROUTE_TABLE = ("aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable")
PREFIX_LIST = ("aws:ec2/managedPrefixList:ManagedPrefixList",)
PREFIX_LIST_ENTRY = ("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry",)

OUTSIDE = ("carrierGatewayId", "egressOnlyGatewayId", "localGatewayId", "natGatewayId")
"""Gateways by which a route leaves the network, whatever its destination is."""
_INSIDE = ("local", "vgw-", "vpce-")
"""How what a route's ``gatewayId`` names begins where it is no internet gateway."""

_WIDEST_IPV4, _WIDEST_IPV6 = 8, 16
"""Shorter prefixes are no network of an enterprise: 10.0.0.0/8 is the largest private one of RFC 1918."""

MAY_HAVE_A_WAY_OUT: Mapping[str, Level] = {"network": "off", "tooling": "advisory"}
"""What inspects the organization's own traffic, and what builds from outside sources."""


def opens_no_way_out(subject: Subject) -> Verdict:
    if may_reach_the_internet(subject):
        return None
    return refuse(
        "opens a way to the internet", fix="remove it; AWS services are reached through the endpoints of the VPC"
    )


def routes_nowhere_outside(subject: Subject) -> Verdict:
    return opens_no_way_out(subject) if _leads_out(subject.properties) else None


def holds_no_route_outside(subject: Subject) -> Verdict:
    leads_out = any(map(_leads_out, subject.properties.blocks("routes")))
    return opens_no_way_out(subject) if leads_out else None


def lists_nobody_outside(subject: Subject) -> Verdict:
    """A route or a security group that names the list would lead to what is on it."""
    named = [subject.properties, *subject.properties.blocks("entries")]
    return opens_no_way_out(subject) if from_anywhere(entry.value("cidr") for entry in named) else None


def may_reach_the_internet(subject: Subject) -> bool:
    """The switch is legal in experimentation only, and counts nowhere else."""
    return subject.surroundings.kind == "experimentation" and subject.surroundings.internet_egress


def _leads_out(route: Properties) -> bool:
    names = ("destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock")
    everywhere = from_anywhere(route.value(name) for name in names)
    return everywhere or reaches_the_internet(route)


def reaches_the_internet(route: Properties) -> bool:
    """By a gateway of any kind. One that is only made with the route counts where its kind alone says enough."""
    gateway = route.text("gatewayId")
    by_internet_gateway = isinstance(gateway, str) and not lacks(gateway) and not gateway.startswith(_INSIDE)
    return by_internet_gateway or any(not lacks(route.value(target)) for target in OUTSIDE)


def from_anywhere(cidrs: Iterable[object]) -> bool:
    """Half of the internet is anywhere too: 0.0.0.0/1 and 128.0.0.0/1 make the whole."""
    return any(isinstance(cidr, str) and _is_anywhere(cidr) for cidr in cidrs)


def _is_anywhere(cidr: str) -> bool:
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False  # The provider refuses what is no address range.
    return network.prefixlen < (_WIDEST_IPV4 if network.version == 4 else _WIDEST_IPV6)


RULES = (
    Rule(
        id="NW-01",
        title="Networks have no way to the internet",
        severity="critical",
        sources=("FSBP EC2.172", "SCP-07", "DEV-03"),
        remedy="Remove gateways, public addresses, routes to gateways and default routes, and prefix lists of any "
        "address. Experimentation alone may ask for egress.",
        judges=for_each(GATEWAY, opens_no_way_out)
        | for_each(ROUTE, routes_nowhere_outside)
        | for_each(ROUTE_TABLE, holds_no_route_outside)
        | for_each((*PREFIX_LIST, *PREFIX_LIST_ENTRY), lists_nobody_outside),
        exceptions=MAY_HAVE_A_WAY_OUT,
    ),
)
