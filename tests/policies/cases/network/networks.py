"""Cases of policies/security/rules/network/networks.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, Case, Member, Prohibition, Situation, StackCase, but, stack_context
from tests.policies.cases.network.egress import ALLOWED, EXPERIMENT

SECURITY_GROUP = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
NETWORK_ACL = ("aws:ec2/networkAcl:NetworkAcl", "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl")
SUBNET = ("aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet")
MACHINE = (
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
)


COMPANY = {"corporate_networks": ("192.0.2.0/24", "203.0.112.0/23")}
GROUPS = [
    Case(
        rule="NW-03",
        type=type_,
        compliant=Situation(inputs={"ingress": [{"cidrBlocks": ["10.1.0.0/19"], "ipv6CidrBlocks": ["fd00::/48"]}]}),
        optional=frozenset(
            f"ingress{path}"
            for path in ("", ".0", ".0.cidrBlocks", ".0.cidrBlocks.0", ".0.ipv6CidrBlocks", ".0.ipv6CidrBlocks.0")
        ),
        refused={
            "admits any address": but({"ingress.0.cidrBlocks": ["10.1.0.0/19", "0.0.0.0/0"]}),
            "admits half of all addresses": but({"ingress.0.cidrBlocks": ["0.0.0.0/1"]}),
            "admits any address of IPv6": but({"ingress.0.ipv6CidrBlocks": ["::/0"]}),
            "admits public addresses that nobody lists": but({"ingress.0.cidrBlocks": ["198.51.100.0/28"]}, **COMPANY),
            "admits public addresses of IPv6": but({"ingress.0.ipv6CidrBlocks": ["2001:db8::/64"]}, **COMPANY),
            "admits more than the company's range": but({"ingress.0.cidrBlocks": ["203.0.112.0/22"]}, **COMPANY),
            "admits public addresses beside the company's": but(
                {"ingress.0.cidrBlocks": ["203.0.113.0/28", "198.51.100.0/28"]}, **COMPANY
            ),
            "admits too wide a range of the company": but({"ingress.0.cidrBlocks": ["203.0.112.0/23"]}, **COMPANY),
            "admits parts of the company's range that are too wide together": but(
                {"ingress": [{"cidrBlocks": ["203.0.112.0/24"]}, {"cidrBlocks": ["203.0.113.0/32"]}]}, **COMPANY
            ),
            "admits the company's range where fewer addresses are allowed": but(
                {"ingress.0.cidrBlocks": ["203.0.113.0/28"]}, **{**COMPANY, "public_ingress_prefix": 29}
            ),
        },
        accepted={
            "admits a part of the company's range": but({"ingress.0.cidrBlocks": ["203.0.113.0/24"]}, **COMPANY),
            "admits one part of the company's range twice": but(
                {"ingress.0.cidrBlocks": ["203.0.113.0/24", "203.0.113.0/28"]}, **COMPANY
            ),
            "admits what the provider rejects": but({"ingress.0.cidrBlocks": ["everywhere"]}),
        }
        | {
            f"admits {private}": but({"ingress.0.cidrBlocks": [private]})
            for private in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
        },
    )
    for type_ in SECURITY_GROUP
]
GROUP_RULES = [
    Case(
        rule="NW-03",
        type=type_,
        compliant=Situation(inputs={"type": "ingress", "cidrBlocks": ["10.1.0.0/19"]}),
        optional=frozenset({"type", "cidrBlocks", "cidrBlocks.0"}),
        refused={
            "admits any address": but({"cidrBlocks": ["0.0.0.0/0"]}),
            "admits any address of IPv6": but({"ipv6CidrBlocks": ["::/0"]}),
        },
        accepted={"lets traffic out": but({"type": "egress", "cidrBlocks": ["0.0.0.0/0"]})},
    )
    for type_ in ("aws:ec2/securityGroupRule:SecurityGroupRule",)
]
INGRESS_RULES = [
    Case(
        rule="NW-03",
        type=type_,
        compliant=Situation(inputs={"cidrIpv4": "10.1.0.0/19"}),
        optional=frozenset({"cidrIpv4"}),
        refused={
            "admits any address": but({"cidrIpv4": "0.0.0.0/0"}),
            "admits any address of IPv6": but({"cidrIpv4": ABSENT, "cidrIpv6": "::/0"}),
        },
        accepted={"admits a security group": but({"cidrIpv4": ABSENT, "referencedSecurityGroupId": "sg-1"})},
    )
    for type_ in ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",)
]
CLOSED_ENTRY = {"action": "allow", "protocol": "tcp", "cidrBlock": "10.0.0.0/8", "fromPort": 22, "toPort": 22}
OPEN_ENTRY = {**CLOSED_ENTRY, "cidrBlock": "0.0.0.0/0"}
ACLS = [
    Case(
        rule="NW-03",
        type=type_,
        compliant=Situation(inputs={"ingress": [CLOSED_ENTRY]}),
        optional=frozenset(["ingress", "ingress.0", *(f"ingress.0.{key}" for key in CLOSED_ENTRY)]),
        refused={
            "admits SSH": but({"ingress": [OPEN_ENTRY]}),
            "admits RDP by IPv6": but(
                {"ingress": [{"action": "allow", "ipv6CidrBlock": "::/0", "fromPort": 3000, "toPort": 4000}]}
            ),
        },
        accepted={
            "admits HTTPS": but({"ingress": [{**OPEN_ENTRY, "fromPort": 443, "toPort": 443}]}),
            "denies SSH": but({"ingress": [{**OPEN_ENTRY, "action": "deny"}]}),
        },
    )
    for type_ in NETWORK_ACL
]
ACL_RULES = [
    Case(
        rule="NW-03",
        type=type_,
        compliant=Situation(
            inputs={
                "ruleAction": "allow",
                "egress": False,
                "protocol": "tcp",
                "cidrBlock": "10.0.0.0/8",
                "fromPort": 22,
                "toPort": 22,
            }
        ),
        optional=frozenset({"ruleAction", "egress", "protocol", "cidrBlock", "fromPort", "toPort"}),
        refused={
            "admits SSH": but({"cidrBlock": "0.0.0.0/0"}),
            "admits SSH at the end of a range": but({"cidrBlock": "0.0.0.0/0", "fromPort": 1}),
            "admits RDP at the start of a range": but({"cidrBlock": "0.0.0.0/0", "fromPort": 3389, "toPort": 4000}),
            "admits every port": but({"cidrBlock": "0.0.0.0/0", "fromPort": ABSENT, "toPort": ABSENT}),
            "admits from a port on": but({"cidrBlock": "0.0.0.0/0", "toPort": ABSENT}),
            "admits every protocol": but({"cidrBlock": "0.0.0.0/0", "protocol": "-1", "fromPort": 0, "toPort": 0}),
            "does not set a direction": but({"cidrBlock": "0.0.0.0/0", "egress": ABSENT}),
        },
        accepted={
            "lets SSH out": but({"cidrBlock": "0.0.0.0/0", "egress": True}),
            "denies SSH": but({"cidrBlock": "0.0.0.0/0", "ruleAction": "deny"}),
            "admits HTTPS": but({"cidrBlock": "0.0.0.0/0", "fromPort": 443, "toPort": 443}),
            "admits what lies between": but({"cidrBlock": "0.0.0.0/0", "fromPort": 23, "toPort": 3388}),
            "begins at an unknown port": but({"cidrBlock": "0.0.0.0/0", "fromPort": UNKNOWN}),
            "ends at an unknown port": but({"cidrBlock": "0.0.0.0/0", "toPort": UNKNOWN}),
        },
    )
    for type_ in ("aws:ec2/networkAclRule:NetworkAclRule",)
]
ADDRESSES = [
    Case(
        rule="NW-02",
        type=type_,
        compliant=Situation(inputs={"mapPublicIpOnLaunch": False, "mapCustomerOwnedIpOnLaunch": False}),
        optional=frozenset({"mapPublicIpOnLaunch", "mapCustomerOwnedIpOnLaunch"}),
        refused={
            "gives public addresses": but({"mapPublicIpOnLaunch": True}),
            "gives addresses of an outpost": but({"mapCustomerOwnedIpOnLaunch": True}),
        },
    )
    for type_ in SUBNET
]
MACHINES = [
    Case(
        rule="NW-02",
        type=type_,
        compliant=Situation(inputs={"associatePublicIpAddress": False}),
        optional=frozenset({"associatePublicIpAddress"}),
        refused={"asks for a public address": but({"associatePublicIpAddress": True})},
    )
    for type_ in MACHINE
]
CARD = {"associatePublicIpAddress": "false", "associateCarrierIpAddress": "false"}
TEMPLATES = [
    Case(
        rule="NW-02",
        type=type_,
        compliant=Situation(inputs={"networkInterfaces": [CARD]}),
        optional=frozenset(["networkInterfaces", "networkInterfaces.0", *(f"networkInterfaces.0.{k}" for k in CARD)]),
        refused={
            "asks for a public address": but({"networkInterfaces.0.associatePublicIpAddress": "true"}),
            "asks for a carrier's address": but({"networkInterfaces.0.associateCarrierIpAddress": "true"}),
            "asks for a public address on a second card": but(
                {"networkInterfaces": [CARD, {"associatePublicIpAddress": "true"}]}
            ),
        },
    )
    for type_ in ("aws:ec2/launchTemplate:LaunchTemplate",)
]
DEFAULTS = [
    Case(
        rule="NW-02",
        type=type_,
        compliant=Situation(inputs={"vpcId": "vpc-1", "ingress": [], "egress": []}),
        optional=frozenset({"vpcId", "ingress", "egress"}),
        refused={
            "admits its members": but({"ingress": [{"self": True, "protocol": "-1"}]}),
            "lets everything out": but({"egress": [{"cidrBlocks": ["0.0.0.0/0"]}]}),
        },
    )
    for type_ in ("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",)
]
OUTWARD = {
    "may reach any address": {"cidrBlocks": ["10.1.0.0/19", "0.0.0.0/0"]},
    "may reach half of all addresses": {"cidrBlocks": ["128.0.0.0/1"]},
    "may reach any address of IPv6": {"ipv6CidrBlocks": ["::/0"]},
}
"""Open egress rules, by what is wrong."""
OUTWARD_GROUPS = [
    Case(
        rule="NW-04",
        type=type_,
        compliant=Situation(inputs={"egress": [{"cidrBlocks": ["10.1.0.0/19"]}]}),
        optional=frozenset({"egress", "egress.0", "egress.0.cidrBlocks", "egress.0.cidrBlocks.0"}),
        refused={what: but({"egress": [{"cidrBlocks": ["10.1.0.0/19"]}, rule]}) for what, rule in OUTWARD.items()},
        accepted={f"may reach any address in {ALLOWED}": but({"egress.0.cidrBlocks": ["0.0.0.0/0"]}, **EXPERIMENT)},
    )
    for type_ in SECURITY_GROUP
]
OUTWARD_GROUP_RULES = [
    Case(
        rule="NW-04",
        type=type_,
        compliant=Situation(inputs={"type": "egress", "cidrBlocks": ["10.1.0.0/19"]}),
        optional=frozenset({"type", "cidrBlocks", "cidrBlocks.0"}),
        refused={what: but(rule) for what, rule in OUTWARD.items()},
        accepted={"admits any address": but({"type": "ingress", "cidrBlocks": ["0.0.0.0/0"]})},
    )
    for type_ in ("aws:ec2/securityGroupRule:SecurityGroupRule",)
]
OUTWARD_RULES = [
    Case(
        rule="NW-04",
        type=type_,
        compliant=Situation(inputs={"cidrIpv4": "10.1.0.0/19"}),
        optional=frozenset({"cidrIpv4"}),
        refused={
            "may reach any address": but({"cidrIpv4": "0.0.0.0/0"}),
            "may reach any address of IPv6": but({"cidrIpv4": ABSENT, "cidrIpv6": "::/0"}),
            "may reach any address in experimentation that has not asked": but(
                {"cidrIpv4": "0.0.0.0/0"}, kind="experimentation"
            ),
        },
        accepted={
            f"may reach any address in {ALLOWED}": but({"cidrIpv4": "0.0.0.0/0"}, **EXPERIMENT),
            "names a prefix list": but({"cidrIpv4": ABSENT, "prefixListId": "pl-1"}),
        },
    )
    for type_ in ("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",)
]
PROHIBITIONS = [Prohibition(rule="NW-02", type=type_) for type_ in ("aws:ec2/defaultVpc:DefaultVpc",)]

CASES = [
    *GROUPS,
    *GROUP_RULES,
    *INGRESS_RULES,
    *ACLS,
    *ACL_RULES,
    *ADDRESSES,
    *MACHINES,
    *TEMPLATES,
    *DEFAULTS,
    *OUTWARD_GROUPS,
    *OUTWARD_GROUP_RULES,
    *OUTWARD_RULES,
]


def ingress(what: str, members: dict[str, Member], *refused: str) -> StackCase:
    group = Member(inputs={"id": "sg-1", "ingress": [{"cidrBlocks": ["203.0.113.0/25"]}]})
    return StackCase(
        rule="NW-03",
        type=SECURITY_GROUP[0],
        what=what,
        members={"group": group, **members},
        refused=frozenset(refused),
        context=stack_context(**COMPANY),
    )


def admitting(cidr: str, group: str = "sg-1", **inputs: str) -> Member:
    return Member(
        type="aws:ec2/securityGroupRule:SecurityGroupRule",
        inputs={"securityGroupId": group, "cidrBlocks": [cidr], **inputs},
    )


STACK_CASES = [
    ingress("a group that admits few addresses", {"rule": admitting("203.0.113.128/25", type="ingress")}),
    ingress("a group that admits too many", {"rule": admitting("203.0.112.0/24", type="ingress")}, "group"),
    ingress("a group that lets traffic out to many", {"rule": admitting("203.0.112.0/24", type="egress")}),
    ingress("two groups that each admit few", {"rule": admitting("203.0.112.0/24", "sg-2", type="ingress")}),
    ingress(
        "a group that admits too many by a rule of its own",
        {
            "rule": Member(
                type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
                inputs={"securityGroupId": "sg-1", "cidrIpv4": "203.0.112.0/24"},
            )
        },
        "group",
    ),
]
