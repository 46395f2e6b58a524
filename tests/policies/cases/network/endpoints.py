"""Cases of policies/security/rules/network/endpoints.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import (
    ABSENT,
    OWN_ACCOUNT,
    Case,
    Change,
    Member,
    Situation,
    StackCase,
    but,
    document,
    stack_context,
)

SECURITY_GROUP = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")


ENDPOINTS = [
    Case(
        rule="NW-05",
        type=type_,
        compliant=Situation(
            inputs={
                "vpcEndpointType": "Interface",
                "privateDnsEnabled": True,
                "subnetIds": ["subnet-1", "subnet-2"],
                "securityGroupIds": ["sg-1"],
            }
        ),
        optional=frozenset({"vpcEndpointType"}),
        refused={
            "keeps the public name": but({"privateDnsEnabled": False}),
            "is in one subnet": but({"subnetIds": [UNKNOWN]}),
            "names no group": but({"securityGroupIds": []}),
        },
        accepted={
            "is a gateway": but(
                {
                    "vpcEndpointType": "Gateway",
                    "privateDnsEnabled": ABSENT,
                    "subnetIds": ABSENT,
                    "securityGroupIds": ABSENT,
                }
            ),
        },
    )
    for type_ in ("aws:ec2/vpcEndpoint:VpcEndpoint",)
]
PRINCIPAL = {"aws:PrincipalOrgID": "o-acme123456"}
RESOURCE = {"aws:ResourceOrgID": "o-acme123456"}


def allow(*, principal: Any = "*", resource: Any = "*", action: Any = "s3:*", **conditions: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": resource,
        "Condition": conditions,
    }


def policy(*statements: dict[str, Any]) -> Change:
    return but({"policy": document(*statements)})


IN_ORGANIZATION = allow(StringEquals=PRINCIPAL | RESOURCE)
LAYERS = "arn:aws:s3:::prod-eu-west-1-starport-layer-bucket/*"
MAKING, MADE = "ec2:CreateVpcEndpoint", "arn:aws:ec2:*:*:vpc-endpoint/*"
PLACES = ["arn:aws:ec2:*:*:subnet/*", "arn:aws:ec2:*:*:vpc/*"]
ENDPOINT_POLICIES = [
    Case(
        rule="NW-06",
        type=type_,
        compliant=Situation(inputs={"policy": document(IN_ORGANIZATION)}),
        refused={
            "allows everything": policy(allow()),
            "allows every principal": policy(allow(StringEquals=RESOURCE)),
            "allows principals of accounts that begin with a digit": policy(
                allow(StringEquals=RESOURCE, StringLike={"aws:PrincipalAccount": ["1*", "2*"]})
            ),
            "allows principals of any organization": policy(
                allow(StringEquals=RESOURCE, StringLike={"aws:PrincipalOrgID": "o-*"})
            ),
            "reaches resources of any organization": policy(
                allow(StringEquals=PRINCIPAL, StringLike={"aws:ResourceOrgID": "o-*"})
            ),
            "reaches other organizations": policy(allow(StringEquals=PRINCIPAL)),
            "reaches other organizations after a compliant statement": policy(
                IN_ORGANIZATION, allow(StringEquals=PRINCIPAL)
            ),
            "reaches every bucket": policy(allow(resource="arn:aws:s3:::*", StringEquals=PRINCIPAL)),
            "reaches every object": policy(allow(resource=["arn:aws:s3:::*/*"], StringEquals=PRINCIPAL)),
            "reaches everything in addition to one bucket": policy(
                allow(resource=["arn:aws:s3:::data/*", "*"], StringEquals=PRINCIPAL)
            ),
            "reaches all but one": policy(
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:*",
                    "NotResource": "arn:aws:s3:::b",
                    "Condition": {"StringEquals": PRINCIPAL},
                }
            ),
            "serves AWS services and every other principal": policy(allow(Bool={"aws:PrincipalIsAWSService": "false"})),
            "writes to a bucket of AWS": policy(allow(resource=LAYERS, action=["s3:GetObject", "s3:PutObject"])),
            "reads a bucket that is not of AWS": policy(
                allow(resource=[LAYERS, "arn:aws:s3:::strangers/*"], action="s3:GetObject")
            ),
            "allows principals of other organizations to create endpoints": policy(
                allow(action=MAKING, resource=PLACES)
            ),
            "creates endpoints of anything": policy(allow(action=MAKING, StringEquals=PRINCIPAL)),
            "creates endpoints to any service": policy(
                allow(action=MAKING, resource=[*PLACES, MADE], StringEquals=PRINCIPAL),
            ),
            "creates endpoints to any service by a pattern": policy(
                allow(action=MAKING, resource="arn:aws:ec2:*:*:vpc*", StringEquals=PRINCIPAL),
            ),
            "has no statements": but({"policy": "{}"}),
        },
        accepted={
            "serves AWS services": policy(IN_ORGANIZATION, allow(Bool={"aws:PrincipalIsAWSService": "true"})),
            "serves one account": policy(
                allow(StringEquals={"aws:PrincipalAccount": OWN_ACCOUNT, "aws:ResourceAccount": [OWN_ACCOUNT]})
            ),
            "serves a named principal": policy(
                allow(principal={"AWS": f"arn:aws:iam::{OWN_ACCOUNT}:role/reader"}, StringEquals=RESOURCE)
            ),
            "names the bucket it reaches": policy(allow(resource="arn:aws:s3:::data/*", StringEquals=PRINCIPAL)),
            "reads what AWS publishes": policy(IN_ORGANIZATION, allow(resource=LAYERS, action="s3:GetObject")),
            "creates endpoints to services of AWS": policy(
                IN_ORGANIZATION,
                allow(action=MAKING, resource=PLACES, StringEquals=PRINCIPAL),
                allow(action=MAKING, resource=MADE, StringEquals=PRINCIPAL | {"ec2:VpceServiceOwner": "amazon"}),
            ),
            "sees the endpoints that there are": policy(
                allow(action="ec2:DescribeVpcEndpoints", resource=MADE, StringEquals=PRINCIPAL)
            ),
            "denies every principal": policy({**allow(), "Effect": "Deny"}),
        },
    )
    for type_ in ("aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy")
]
PRIVATE_SERVICES = [
    Case(
        rule="NW-06",
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        compliant=Situation(inputs={"serviceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0"}),
        refused={"leads to a service of AWS": but({"serviceName": "com.amazonaws.eu-west-1.s3"})},
        accepted={"leads to a service that is not there yet": but({"serviceName": UNKNOWN})},
    )
]

CASES = [*ENDPOINTS, *ENDPOINT_POLICIES, *PRIVATE_SERVICES]

VPC, RANGE, GROUP = (
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
    SECURITY_GROUP[0],
)
OWN, OLDER = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "aws:ec2/securityGroupRule:SecurityGroupRule"
HTTPS = {"fromPort": 443, "toPort": 443}


def rule(type_: str, *, group: str = "sg-1", **inputs: Any) -> Member:
    protocol = "ipProtocol" if type_ == OWN else "protocol"
    return Member(type=type_, inputs={"securityGroupId": group, protocol: "tcp", **HTTPS, **inputs})


def behind(what: str, members: dict[str, Member], *refused: str, **declared: Any) -> StackCase:
    """Returns an interface endpoint with a security group, in a network with a known range."""
    there = {
        "network": Member(type=VPC, inputs={"cidrBlock": "10.1.0.0/19"}),
        "endpoint": Member(type="aws:ec2/vpcEndpoint:VpcEndpoint", inputs={"securityGroupIds": ["sg-1"]}),
        "group": Member(type=GROUP, inputs={"id": "sg-1"}),
    }
    return StackCase(
        rule="NW-05",
        type=VPC,
        what=what,
        members={**there, **members},
        refused=frozenset(refused),
        context=stack_context(**declared),
    )


STACK_CASES = [
    behind("HTTPS of the network", {"rule": rule(OWN, cidrIpv4="10.1.0.0/19")}),
    behind("HTTPS of a part of the network", {"rule": rule(OWN, cidrIpv4="10.1.4.0/24")}),
    behind("HTTPS of a group", {"rule": rule(OWN, referencedSecurityGroupId="sg-2")}),
    behind("HTTPS of an unknown range", {"rule": rule(OWN, cidrIpv4=UNKNOWN)}),
    behind("HTTPS by the protocol's number", {"rule": rule(OWN, ipProtocol="6", cidrIpv4="10.1.0.0/19")}),
    behind("an unknown port", {"rule": rule(OWN, toPort=UNKNOWN, cidrIpv4="10.1.0.0/19")}),
    behind("an unknown protocol", {"rule": rule(OWN, ipProtocol=UNKNOWN, cidrIpv4="10.1.0.0/19")}),
    behind("HTTPS of another network", {"rule": rule(OWN, cidrIpv4="10.2.0.0/19")}, "rule"),
    behind("HTTPS of a range that is wider", {"rule": rule(OWN, cidrIpv4="10.0.0.0/8")}, "rule"),
    behind(
        "HTTPS of the network's second range",
        {
            "second": Member(type=RANGE, inputs={"cidrBlock": "10.2.0.0/19"}),
            "rule": rule(OWN, cidrIpv4="10.2.0.0/19"),
        },
    ),
    behind(
        "HTTPS of an unknown network",
        {"network": Member(type=VPC, inputs={"cidrBlock": UNKNOWN}), "rule": rule(OWN, cidrIpv4="10.2.0.0/19")},
    ),
    behind(
        "HTTPS of other networks, which share the endpoints",
        {"rule": rule(OWN, cidrIpv4="10.0.0.0/8")},
        kind="network",
        shared_endpoints=True,
    ),
    behind(
        "HTTPS of other networks in an environment whose endpoints are shared",
        {"rule": rule(OWN, cidrIpv4="10.0.0.0/8")},
        "rule",
        shared_endpoints=True,
    ),
    behind(
        "HTTPS of other networks in a network that shares none",
        {"rule": rule(OWN, cidrIpv4="10.0.0.0/8")},
        "rule",
        kind="network",
    ),
    behind("a range of ports", {"rule": rule(OWN, fromPort=80, cidrIpv4="10.1.0.0/19")}, "rule"),
    behind("ports from HTTPS on", {"rule": rule(OWN, toPort=65535, cidrIpv4="10.1.0.0/19")}, "rule"),
    behind("every protocol", {"rule": rule(OWN, ipProtocol="-1", cidrIpv4="10.1.0.0/19")}, "rule"),
    behind("HTTP of a group", {"rule": rule(OLDER, type="ingress", fromPort=80, toPort=80)}, "rule"),
    behind("HTTP that goes out", {"rule": rule(OLDER, type="egress", fromPort=80, toPort=80)}),
    behind(
        "HTTPS of the network and of another",
        {"rule": rule(OLDER, type="ingress", cidrBlocks=["10.1.0.0/19", "10.2.0.0/19"])},
        "rule",
    ),
    behind("HTTPS by a rule of the older type", {"rule": rule(OLDER, type="ingress", cidrBlocks=["10.1.0.0/19"])}),
    behind("HTTP at a group that no endpoint stands behind", {"rule": rule(OWN, group="sg-2", fromPort=80)}),
    behind(
        "HTTP of a workload's group",
        {
            "workloads": Member(
                type=GROUP, inputs={"id": "sg-2", "ingress": [{"protocol": "tcp", "fromPort": 80, "toPort": 80}]}
            )
        },
    ),
    behind(
        "HTTP by an inline rule",
        {
            "group": Member(
                type=GROUP, inputs={"id": "sg-1", "ingress": [{"protocol": "tcp", "fromPort": 80, "toPort": 80}]}
            )
        },
        "group",
    ),
]
