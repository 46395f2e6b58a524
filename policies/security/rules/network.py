"""Rules about networks: no way out, and no way in from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_network

from policies.security.readers import Properties, Unknown, lacks
from policies.security.rule import Level, Rule, Verdict, for_each, refuse
from policies.security.subject import Subject

GATEWAY = (
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
    "aws:ec2/carrierGateway:CarrierGateway",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/eip:Eip",
)
ROUTE = ("aws:ec2/route:Route",)
ROUTE_TABLE = ("aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable")
SECURITY_GROUP = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
SECURITY_GROUP_RULE = ("aws:ec2/securityGroupRule:SecurityGroupRule",)
SUBNET = ("aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet")
DEFAULT_VPC = ("aws:ec2/defaultVpc:DefaultVpc",)
DEFAULT_GROUP = ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",)
EGRESS_RULE = ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",)
INGRESS_RULE = ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",)
NETWORK_ACL = ("aws:ec2/networkAcl:NetworkAcl", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
NETWORK_ACL_RULE = ("aws:ec2/networkAclRule:NetworkAclRule",)

_WIDEST_IPV4, _WIDEST_IPV6 = 8, 16
"""Shorter prefixes are no network of an enterprise: 10.0.0.0/8 is the largest private one of RFC 1918."""
_ADMINISTRATION_PORTS = (22, 3389)

MAY_HAVE_A_WAY_OUT: Mapping[str, Level] = {"network": "off", "tooling": "advisory"}
"""What inspects the organization's own traffic, and what builds from outside sources."""


def opens_no_way_out(subject: Subject) -> Verdict:
    if _may_reach_the_internet(subject):
        return None
    return refuse(
        "opens a way to the internet", fix="remove it; AWS services are reached through the endpoints of the VPC"
    )


def routes_nowhere_outside(subject: Subject) -> Verdict:
    return opens_no_way_out(subject) if _is_default_route(subject.properties) else None


def holds_no_route_outside(subject: Subject) -> Verdict:
    leads_out = any(map(_is_default_route, subject.properties.blocks("routes")))
    return opens_no_way_out(subject) if leads_out else None


def _may_reach_the_internet(subject: Subject) -> bool:
    """The switch is legal in experimentation only, and counts nowhere else."""
    return subject.surroundings.kind == "experimentation" and subject.surroundings.internet_egress


def _is_default_route(route: Properties) -> bool:
    names = ("destinationCidrBlock", "cidrBlock", "destinationIpv6CidrBlock", "ipv6CidrBlock")
    return _from_anywhere(route.value(name) for name in names)


def gives_no_public_address(subject: Subject) -> Verdict:
    given = [subject.properties.flag(flag) for flag in ("mapPublicIpOnLaunch", "mapCustomerOwnedIpOnLaunch")]
    return refuse("gives public addresses", fix="set mapPublicIpOnLaunch to false") if True in given else None


def is_not_used(_subject: Subject) -> Verdict:
    return refuse("takes the default network into use", fix="build a network of the address plan and use that")


def default_group_is_empty(subject: Subject) -> Verdict:
    """Whatever forgets to name a group falls into this one."""
    rules = [subject.properties.value("ingress"), subject.properties.value("egress")]
    if all(map(lacks, rules)) or all(isinstance(rule, Unknown) or lacks(rule) for rule in rules):
        return None
    return refuse("lets traffic through by default", fix="give the default security group no rules")


def group_reaches_no_strangers(subject: Subject) -> Verdict:
    return _refuse_outward(subject, any(map(_names_anybody, subject.properties.blocks("egress"))))


def rule_reaches_no_strangers(subject: Subject) -> Verdict:
    outward = subject.properties.text("type") == "egress"
    return _refuse_outward(subject, outward and _names_anybody(subject.properties))


def egress_reaches_no_strangers(subject: Subject) -> Verdict:
    return _refuse_outward(subject, _names_anybody(subject.properties))


def _refuse_outward(subject: Subject, open_to_anybody: bool) -> Verdict:
    if not open_to_anybody or _may_reach_the_internet(subject):
        return None
    return refuse("may reach any address", fix="name the endpoints' group, prefix lists or the VPC's range")


def group_admits_no_strangers(subject: Subject) -> Verdict:
    """The form that lists its rules inline."""
    return _refuse_if(any(map(_names_anybody, subject.properties.blocks("ingress"))))


def rule_admits_no_strangers(subject: Subject) -> Verdict:
    """The form with a rule per resource that serves both directions."""
    return _refuse_if(subject.properties.text("type") == "ingress" and _names_anybody(subject.properties))


def ingress_admits_no_strangers(subject: Subject) -> Verdict:
    """The form with a resource per rule and direction."""
    return _refuse_if(_names_anybody(subject.properties))


def acl_admits_no_administration(subject: Subject) -> Verdict:
    return _refuse_administration(any(map(_admits_administration, subject.properties.blocks("ingress"))))


def acl_rule_admits_no_administration(subject: Subject) -> Verdict:
    inbound = subject.properties.flag("egress") in (None, False)
    return _refuse_administration(inbound and _admits_administration(subject.properties))


def _refuse_if(open_to_anybody: bool) -> Verdict:
    if not open_to_anybody:
        return None
    return refuse("admits any address", fix="admit security groups, prefix lists or the VPC's range")


def _refuse_administration(open_to_anybody: bool) -> Verdict:
    if not open_to_anybody:
        return None
    return refuse("admits SSH or RDP from any address", fix="remove the entry; people connect through Systems Manager")


def _names_anybody(rule: Properties) -> bool:
    lists = (rule.items("cidrBlocks"), rule.items("ipv6CidrBlocks"))
    listed = [cidr for cidrs in lists if isinstance(cidrs, list) for cidr in cidrs]
    return _from_anywhere([*listed, rule.value("cidrIpv4"), rule.value("cidrIpv6")])


def _admits_administration(entry: Properties) -> bool:
    action = entry.text("ruleAction") or entry.text("action")
    if action != "allow" or not _from_anywhere([entry.value("cidrBlock"), entry.value("ipv6CidrBlock")]):
        return False
    first, last = entry.number("fromPort"), entry.number("toPort")
    if isinstance(first, Unknown) or isinstance(last, Unknown):
        return False
    if first is None or last is None or entry.text("protocol") in ("-1", "all"):
        return True
    return any(first <= port <= last for port in _ADMINISTRATION_PORTS)


def _from_anywhere(cidrs: Iterable[object]) -> bool:
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
        remedy="Remove gateways, public addresses and default routes. Experimentation alone may ask for egress.",
        judges=for_each(GATEWAY, opens_no_way_out)
        | for_each(ROUTE, routes_nowhere_outside)
        | for_each(ROUTE_TABLE, holds_no_route_outside),
        exceptions=MAY_HAVE_A_WAY_OUT,
    ),
    Rule(
        id="NW-02",
        title="Nothing gets a public address or a default by accident",
        severity="high",
        sources=("FSBP EC2.2", "FSBP EC2.15", "CIS 5.0 5.5", "CKV_AWS_130", "CKV_AWS_148", "CKV2_AWS_12"),
        remedy="Give subnets no public addresses, leave the default VPC alone and the default security group empty.",
        judges=for_each(SUBNET, gives_no_public_address)
        | for_each(DEFAULT_VPC, is_not_used)
        | for_each(DEFAULT_GROUP, default_group_is_empty),
    ),
    Rule(
        id="NW-03",
        title="No network admits any address",
        severity="critical",
        sources=("FSBP EC2.18", "FSBP EC2.19", "FSBP EC2.21", "CIS 5.0 5.2", "CIS 5.0 5.3", "CKV_AWS_24", "CKV_AWS_25"),
        remedy="Admit security groups, prefix lists or the VPC's own range; close ports 22 and 3389 in network ACLs.",
        judges=for_each(SECURITY_GROUP, group_admits_no_strangers)
        | for_each(SECURITY_GROUP_RULE, rule_admits_no_strangers)
        | for_each(INGRESS_RULE, ingress_admits_no_strangers)
        | for_each(NETWORK_ACL, acl_admits_no_administration)
        | for_each(NETWORK_ACL_RULE, acl_rule_admits_no_administration),
    ),
    Rule(
        id="NW-04",
        title="Workloads may call the endpoints and nothing else",
        severity="high",
        sources=("CKV_AWS_382", "DEV-03"),
        remedy="Name the endpoints' security group, prefix lists or the VPC's own range in rules of egress.",
        judges=for_each(SECURITY_GROUP, group_reaches_no_strangers)
        | for_each(SECURITY_GROUP_RULE, rule_reaches_no_strangers)
        | for_each(EGRESS_RULE, egress_reaches_no_strangers),
        exceptions=MAY_HAVE_A_WAY_OUT,
    ),
)
