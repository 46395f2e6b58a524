"""Rules about networks: nothing public by accident, and no way in from anywhere."""

from __future__ import annotations

from ipaddress import IPv4Network

from policies.security.inputs.readers import Properties, Unknown, lacks
from policies.security.inputs.subject import Subject
from policies.security.rule import Rule, Verdict, for_each, refuse
from policies.security.rules.network.egress import MAY_HAVE_A_WAY_OUT, from_anywhere, may_reach_the_internet

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

_ADMINISTRATION_PORTS = (22, 3389)


def gives_no_public_address(subject: Subject) -> Verdict:
    given = [subject.properties.flag(flag) for flag in ("mapPublicIpOnLaunch", "mapCustomerOwnedIpOnLaunch")]
    return refuse("gives public addresses", fix="set mapPublicIpOnLaunch to false") if True in given else None


def asks_for_no_public_address(subject: Subject) -> Verdict:
    return _refuse_public(subject.properties.flag("associatePublicIpAddress") is True)


def template_asks_for_no_public_address(subject: Subject) -> Verdict:
    """What a template says of its interfaces wins over what the subnet says."""
    cards = subject.properties.blocks("networkInterfaces")
    flags = ("associatePublicIpAddress", "associateCarrierIpAddress")
    return _refuse_public(any(card.flag(flag) is True for card in cards for flag in flags))


def _refuse_public(asked: bool) -> Verdict:
    if not asked:
        return None
    return refuse("asks for a public address", fix="set associatePublicIpAddress to false")


def ipv4_range(cidr: object) -> IPv4Network | None:
    """None where nobody knows it yet, or the provider refuses it."""
    try:
        return IPv4Network(str(cidr))
    except ValueError:
        return None


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
    if not open_to_anybody or may_reach_the_internet(subject):
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
    return from_anywhere([*listed, rule.value("cidrIpv4"), rule.value("cidrIpv6")])


def _admits_administration(entry: Properties) -> bool:
    action = entry.text("ruleAction") or entry.text("action")
    if action != "allow" or not from_anywhere([entry.value("cidrBlock"), entry.value("ipv6CidrBlock")]):
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
        title="Nothing gets a public address or a default by accident",
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
        remedy="Give subnets, machines and launch templates no public addresses, leave the default VPC alone and the "
        "default security group empty. What the metadata service of machines says is for NW-08.",
        judges=for_each(SUBNET, gives_no_public_address)
        | for_each(MACHINE, asks_for_no_public_address)
        | for_each(TEMPLATE, template_asks_for_no_public_address)
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
