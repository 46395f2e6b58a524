"""Samples of security groups with inline rules."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.network.ec2.prerequisites import SECURITY_GROUP, VPC, tags_of

_HTTPS = {"protocol": "tcp", "fromPort": 443, "toPort": 443}
_INSIDE = {**_HTTPS, "description": "inside", "cidrBlocks": ["10.0.0.0/16", "10.9.0.0/16"], "self": True}
_EVERYTHING = {"protocol": "-1", "fromPort": 0, "toPort": 0}
_FROM_OTHER = {**_EVERYTHING, "securityGroups": ["{other.id}"]}


def _rules(aws: Aws, it: Kept) -> dict[str, list[list[str]]]:
    """Returns protocol, port, source and description by direction."""
    filters = [{"Name": "group-id", "Values": [it.id]}]
    found: dict[str, list[list[str]]] = {"in": [], "out": []}
    for rule in aws("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]:
        source = rule.get("CidrIpv4") or rule["ReferencedGroupInfo"]["GroupId"]
        source = "itself" if source == it.id else source
        port = str(rule["FromPort"]) if rule["IpProtocol"] == "tcp" else "all"
        found["out" if rule["IsEgress"] else "in"].append(
            [rule["IpProtocol"], port, source, rule.get("Description", "")]
        )
    return {direction: sorted(rules) for direction, rules in found.items()}


def _group(aws: Aws, it: Kept) -> dict[str, Any]:
    (group,) = aws("ec2").describe_security_groups(GroupIds=[it.id])["SecurityGroups"]
    return {
        "name": group["GroupName"],
        "description": group["Description"],
        "vpc": group["VpcId"],
        "rules": _rules(aws, it),
        "tags": tags_of(group),
    }


def _let_everybody_in(aws: Aws, it: Kept) -> None:
    everybody = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    aws("ec2").authorize_security_group_ingress(GroupId=it.id, IpPermissions=[everybody])


_SEEN = {
    "name": "group-{n}",
    "description": "Managed by Pulumi",
    "vpc": "{vpc.id}",
    "rules": {
        "in": [
            ["tcp", "443", "10.0.0.0/16", "inside"],
            ["tcp", "443", "10.9.0.0/16", "inside"],
            ["tcp", "443", "itself", "inside"],
        ],
        "out": [],
    },
    "tags": {"from": "provider", "Name": "before"},
}

SAMPLES = [
    Sample(
        type="aws:ec2/securityGroup:SecurityGroup",
        needs={"vpc": VPC, "other": SECURITY_GROUP},
        inputs={
            "name": "group-{n}",
            "vpcId": "{vpc.id}",
            "ingress": [_INSIDE],
            "revokeRulesOnDelete": True,
            "tags": {"Name": "before"},
        },
        not_imported=("revokeRulesOnDelete",),
        look=_group,
        seen=_SEEN,
        change={
            "ingress": [_INSIDE, _FROM_OTHER],
            "egress": [{**_HTTPS, "cidrBlocks": ["0.0.0.0/0"]}],
            "tags": {"Name": "after"},
        },
        seen_changed={
            **_SEEN,
            "rules": {
                "in": [["-1", "all", "{other.id}", ""], *_SEEN["rules"]["in"]],
                "out": [["tcp", "443", "0.0.0.0/0", ""]],
            },
            "tags": {"from": "provider", "Name": "after"},
        },
        replace={"description": "another"},
        drift=_let_everybody_in,
        drifts="ingress",
        remove=lambda aws, it: aws("ec2").delete_security_group(GroupId=it.id),
    ),
    Sample(
        type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        needs={"vpc": VPC},
        inputs={"vpcId": "{vpc.id}", "ingress": [], "egress": [], "tags": {"Name": "unused"}},
        look=_group,
        seen={
            "name": "default",
            "description": "default VPC security group",
            "vpc": "{vpc.id}",
            "rules": {"in": [], "out": []},
            "tags": {"from": "provider", "Name": "unused"},
        },
        change={"ingress": [{**_EVERYTHING, "self": True}]},
        seen_changed={
            "name": "default",
            "description": "default VPC security group",
            "vpc": "{vpc.id}",
            "rules": {"in": [["-1", "all", "itself", ""]], "out": []},
            "tags": {"from": "provider", "Name": "unused"},
        },
        replace={"vpcId": "vpc-0123456789abcdef0"},
        drift=_let_everybody_in,
        drifts="ingress",
    ),
]
