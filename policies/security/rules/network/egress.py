"""Rules about internet egress: gateways, public addresses, and routes to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_network

from policies.evaluation.readers import Properties, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Level, Rule, Violation, for_each, violation

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

GATEWAY_TARGETS = ("carrierGatewayId", "egressOnlyGatewayId", "localGatewayId", "natGatewayId")
"""Route targets outside the network, whatever the destination is."""
_INTERNAL_PREFIXES = ("local", "vgw-", "vpce-")
"""Prefixes of a route's ``gatewayId`` that are not internet gateways."""

_WIDEST_IPV4, _WIDEST_IPV6 = 8, 16
"""Shortest allowed prefix lengths. 10.0.0.0/8 is the largest private range of RFC 1918."""

EGRESS_LEVELS: Mapping[str, Level] = {"network": "off", "tooling": "advisory"}
"""Level of the egress rules in the kinds that may have egress: network inspects traffic, and tooling builds from
external sources."""


def opens_no_egress(resource: Resource) -> Violation | None:
    if may_reach_the_internet(resource):
        return None
    return violation("gives the network internet egress", fix="remove it; use the VPC endpoints for AWS services")


def route_opens_no_egress(resource: Resource) -> Violation | None:
    return opens_no_egress(resource) if _leads_out(resource.properties) else None


def route_table_opens_no_egress(resource: Resource) -> Violation | None:
    leads_out = any(map(_leads_out, resource.properties.blocks("routes")))
    return opens_no_egress(resource) if leads_out else None


def prefix_list_opens_no_egress(resource: Resource) -> Violation | None:
    """Checks prefix lists, because routes and security groups can reference them."""
    named = [resource.properties, *resource.properties.blocks("entries")]
    return opens_no_egress(resource) if any_is_wide(entry.value("cidr") for entry in named) else None


def may_reach_the_internet(resource: Resource) -> bool:
    """Whether the environment has declared internet egress. Only experimentation may."""
    return resource.context.kind == "experimentation" and resource.context.internet_egress


def _leads_out(route: Properties) -> bool:
    names = ("destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock")
    everywhere = any_is_wide(route.value(name) for name in names)
    return everywhere or reaches_the_internet(route)


def reaches_the_internet(route: Properties) -> bool:
    """Whether a route leads to a gateway outside the network. An unknown ``gatewayId`` does not count, because it
    may be any kind of gateway; an unknown target of another property does."""
    gateway = route.text("gatewayId")
    by_internet_gateway = (
        isinstance(gateway, str) and not is_missing(gateway) and not gateway.startswith(_INTERNAL_PREFIXES)
    )
    return by_internet_gateway or any(not is_missing(route.value(target)) for target in GATEWAY_TARGETS)


def any_is_wide(cidrs: Iterable[object]) -> bool:
    """Whether a range is too wide to be a private network. Halves count too: 0.0.0.0/1 and 128.0.0.0/1 cover the
    internet."""
    return any(isinstance(cidr, str) and _is_wide(cidr) for cidr in cidrs)


def _is_wide(cidr: str) -> bool:
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False  # The provider rejects an invalid range.
    return network.prefixlen < (_WIDEST_IPV4 if network.version == 4 else _WIDEST_IPV6)


RULES = (
    Rule(
        id="NW-01",
        title="Networks have no internet egress",
        severity="critical",
        sources=("FSBP EC2.172", "SCP-07", "DEV-03"),
        remedy="Remove gateways, public addresses, default routes, routes to gateways, and prefix lists with wide "
        "ranges. Only experimentation may declare egress.",
        checks=for_each(GATEWAY, opens_no_egress)
        | for_each(ROUTE, route_opens_no_egress)
        | for_each(ROUTE_TABLE, route_table_opens_no_egress)
        | for_each((*PREFIX_LIST, *PREFIX_LIST_ENTRY), prefix_list_opens_no_egress),
        exceptions=EGRESS_LEVELS,
    ),
)
