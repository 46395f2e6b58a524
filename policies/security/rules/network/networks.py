"""Rules about networks: no public addresses, no unused defaults, and no open security groups or network ACLs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from policies.evaluation.readers import Properties, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack
from policies.security.rules.network.egress import EGRESS_LEVELS, any_is_wide, may_reach_the_internet

SECURITY_GROUP = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
SECURITY_GROUP_RULE = ("aws:ec2/securityGroupRule:SecurityGroupRule",)
SUBNET = ("aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet")
MACHINE = (
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
)
TEMPLATE = ("aws:ec2/launchTemplate:LaunchTemplate",)
DEFAULT_VPC = ("aws:ec2/defaultVpc:DefaultVpc",)
DEFAULT_GROUP = ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",)
EGRESS_RULE = ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",)
INGRESS_RULE = ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",)
NETWORK_ACL = ("aws:ec2/networkAcl:NetworkAcl", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
NETWORK_ACL_RULE = ("aws:ec2/networkAclRule:NetworkAclRule",)

_PRIVATE = tuple(
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7"))
)
"""Ranges that are not routed on the internet (RFC 1918, RFC 6598, RFC 3927, RFC 4193)."""
_ADMINISTRATION_PORTS = (22, 3389)


def assigns_no_public_address(resource: Resource) -> Violation | None:
    given = [resource.properties.flag(flag) for flag in ("mapPublicIpOnLaunch", "mapCustomerOwnedIpOnLaunch")]
    return violation("assigns public addresses", fix="set mapPublicIpOnLaunch to false") if True in given else None


def requests_no_public_address(resource: Resource) -> Violation | None:
    return _refuse_public(resource.properties.flag("associatePublicIpAddress") is True)


def template_requests_no_public_address(resource: Resource) -> Violation | None:
    """Checks the network interfaces of a launch template, which override the subnet's setting."""
    cards = resource.properties.blocks("networkInterfaces")
    flags = ("associatePublicIpAddress", "associateCarrierIpAddress")
    return _refuse_public(any(card.flag(flag) is True for card in cards for flag in flags))


def _refuse_public(requested: bool) -> Violation | None:
    if not requested:
        return None
    return violation("requests a public address", fix="set associatePublicIpAddress to false")


def ipv4_range(cidr: object) -> IPv4Network | None:
    """Returns the range, or None if it is unknown or invalid."""
    try:
        return IPv4Network(str(cidr))
    except ValueError:
        return None


def default_vpc_is_unused(_subject: Resource) -> Violation | None:
    return violation("uses the default VPC", fix="create a network from the address plan instead")


def default_group_is_empty(resource: Resource) -> Violation | None:
    """Requires an empty default security group, because resources without a named group fall back to it."""
    rules = [resource.properties.value("ingress"), resource.properties.value("egress")]
    if all(map(is_missing, rules)) or all(isinstance(rule, Unknown) or is_missing(rule) for rule in rules):
        return None
    return violation("allows traffic by default", fix="remove all rules from the default security group")


def group_has_no_open_egress(resource: Resource) -> Violation | None:
    return _refuse_egress(resource, any(map(_is_open, resource.properties.blocks("egress"))))


def rule_has_no_open_egress(resource: Resource) -> Violation | None:
    is_egress = resource.properties.text("type") == "egress"
    return _refuse_egress(resource, is_egress and _is_open(resource.properties))


def egress_rule_is_not_open(resource: Resource) -> Violation | None:
    return _refuse_egress(resource, _is_open(resource.properties))


def _refuse_egress(resource: Resource, is_open: bool) -> Violation | None:
    if not is_open or may_reach_the_internet(resource):
        return None
    return violation(
        "allows egress to any address", fix="name the endpoints' security group, prefix lists or the VPC's range"
    )


def group_has_no_open_ingress(resource: Resource) -> Violation | None:
    """Checks a security group with inline rules."""
    return _refuse_ingress(resource, resource.properties.blocks("ingress"))


def rule_has_no_open_ingress(resource: Resource) -> Violation | None:
    """Checks a separate rule resource that has a direction."""
    return _refuse_ingress(resource, [resource.properties] if resource.properties.text("type") == "ingress" else [])


def ingress_rule_is_not_open(resource: Resource) -> Violation | None:
    """Checks a separate ingress rule resource."""
    return _refuse_ingress(resource, [resource.properties])


def acl_admits_no_administration(resource: Resource) -> Violation | None:
    return _refuse_administration(any(map(_admits_administration, resource.properties.blocks("ingress"))))


def acl_rule_admits_no_administration(resource: Resource) -> Violation | None:
    inbound = resource.properties.flag("egress") in (None, False)
    return _refuse_administration(inbound and _admits_administration(resource.properties))


def _refuse_ingress(resource: Resource, rules: Iterable[Properties]) -> Violation | None:
    """Refuses public ranges that the settings do not list, or that are too wide together."""
    public = _public_ranges(rules)
    listed = [ip_network(cidr) for cidr in resource.context.corporate_networks]
    if not all(any(_is_within(network, range_) for range_ in listed) for network in public):
        return violation(
            "allows ingress from public addresses that the settings do not list",
            fix="allow security groups, prefix lists or the VPC's range, or list the range in corporate_networks",
        )
    return _refuse_many(public, resource)


def groups_admit_few_public_addresses(stack: Stack) -> Iterator[CheckResult]:
    """Checks the public ranges of all ingress rules of a security group together."""
    for group in stack.of(SECURITY_GROUP):
        rules = [
            rule.properties
            for rule in stack.referring((*INGRESS_RULE, *SECURITY_GROUP_RULE), "securityGroupId", group)
            if rule.properties.text("type") in (None, "ingress")
        ]
        yield group, _refuse_many(_public_ranges([*group.properties.blocks("ingress"), *rules]), group)


def _refuse_many(public: Sequence[IPv4Network | IPv6Network], resource: Resource) -> Violation | None:
    addresses = sum(network.num_addresses for network in collapse_addresses(_of_version_4(public)))
    if addresses <= 2 ** (32 - resource.context.public_ingress_prefix):
        return None
    return violation(
        "allows ingress from too many public addresses",
        fix=f"allow at most the addresses of a /{resource.context.public_ingress_prefix} together "
        "(public_ingress_prefix)",
    )


def _of_version_4(networks: Iterable[IPv4Network | IPv6Network]) -> list[IPv4Network]:
    return [network for network in networks if isinstance(network, IPv4Network)]


def _public_ranges(rules: Iterable[Properties]) -> list[IPv4Network | IPv6Network]:
    found = [known for rule in rules for cidr in _cidrs(rule) if (known := _network(cidr)) is not None]
    return [network for network in found if not any(_is_within(network, private) for private in _PRIVATE)]


def _network(cidr: object) -> IPv4Network | IPv6Network | None:
    """Returns the range, or None if it is unknown. The provider rejects an invalid one."""
    try:
        return ip_network(cidr, strict=False) if isinstance(cidr, str) else None
    except ValueError:
        return None


def _is_within(network: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return network.version == other.version and network.subnet_of(other)  # type: ignore[arg-type]


def _refuse_administration(is_open: bool) -> Violation | None:
    if not is_open:
        return None
    return violation(
        "allows SSH or RDP from any address", fix="remove the entry; people connect through Systems Manager"
    )


def _is_open(rule: Properties) -> bool:
    return any_is_wide(_cidrs(rule))


def _cidrs(rule: Properties) -> list[object]:
    lists = (rule.items("cidrBlocks"), rule.items("ipv6CidrBlocks"))
    listed = [cidr for cidrs in lists if isinstance(cidrs, list) for cidr in cidrs]
    return [*listed, rule.value("cidrIpv4"), rule.value("cidrIpv6")]


def _admits_administration(entry: Properties) -> bool:
    action = entry.text("ruleAction") or entry.text("action")
    if action != "allow" or not any_is_wide([entry.value("cidrBlock"), entry.value("ipv6CidrBlock")]):
        return False
    first, last = entry.number("fromPort"), entry.number("toPort")
    if isinstance(first, Unknown) or isinstance(last, Unknown):
        return False
    if first is None or last is None or entry.text("protocol") in ("-1", "all"):
        return True
    return any(first <= port <= last for port in _ADMINISTRATION_PORTS)


RULES = (
    Rule(
        id="NW-02",
        title="No public addresses, and no default networks or rules",
        severity="high",
        sources=(
            "FSBP EC2.2",
            "FSBP EC2.9",
            "FSBP EC2.15",
            "FSBP EC2.25",
            "CIS 5.0 5.5",
            "CKV_AWS_130",
            "CKV_AWS_148",
            "CKV2_AWS_12",
        ),
        remedy="Disable public addresses on subnets, instances and launch templates, do not use the default VPC, and "
        "keep the default security group empty. NW-08 covers instance metadata.",
        checks=for_each(SUBNET, assigns_no_public_address)
        | for_each(MACHINE, requests_no_public_address)
        | for_each(TEMPLATE, template_requests_no_public_address)
        | for_each(DEFAULT_VPC, default_vpc_is_unused)
        | for_each(DEFAULT_GROUP, default_group_is_empty),
    ),
    Rule(
        id="NW-03",
        title="No ingress from any address, and from few public addresses",
        severity="critical",
        sources=("FSBP EC2.18", "FSBP EC2.19", "FSBP EC2.21", "CIS 5.0 5.2", "CIS 5.0 5.3", "CKV_AWS_24", "CKV_AWS_25"),
        remedy="Allow security groups, prefix lists or the VPC's own range, and close ports 22 and 3389 in network "
        "ACLs. Public ranges must be within corporate_networks of the organization. All that a security group allows "
        "have together at most as many addresses as the prefix public_ingress_prefix, /24 by default.",
        checks=for_each(SECURITY_GROUP, group_has_no_open_ingress)
        | for_each(SECURITY_GROUP_RULE, rule_has_no_open_ingress)
        | for_each(INGRESS_RULE, ingress_rule_is_not_open)
        | for_each(NETWORK_ACL, acl_admits_no_administration)
        | for_each(NETWORK_ACL_RULE, acl_rule_admits_no_administration),
        stack_checks=(
            StackCheck((*SECURITY_GROUP, *SECURITY_GROUP_RULE, *INGRESS_RULE), groups_admit_few_public_addresses),
        ),
    ),
    Rule(
        id="NW-04",
        title="Egress only to endpoints",
        severity="high",
        sources=("CKV_AWS_382", "DEV-03"),
        remedy="In egress rules, name the endpoints' security group, prefix lists or the VPC's own range.",
        checks=for_each(SECURITY_GROUP, group_has_no_open_egress)
        | for_each(SECURITY_GROUP_RULE, rule_has_no_open_egress)
        | for_each(EGRESS_RULE, egress_rule_is_not_open),
        exceptions=EGRESS_LEVELS,
    ),
)
