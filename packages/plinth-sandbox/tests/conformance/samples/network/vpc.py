"""Samples of security group rules as separate resources."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.network.ec2.prerequisites import SECURITY_GROUP, VPC, tags_of

_HTTPS = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}


def _rule(aws: Aws, it: Kept) -> dict[str, Any]:
    (rule,) = aws("ec2").describe_security_group_rules(SecurityGroupRuleIds=[it.id])["SecurityGroupRules"]
    return {
        "group": rule["GroupId"],
        "out": rule["IsEgress"],
        "ports": (rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort")),
        "addresses": rule.get("CidrIpv4"),
        "members": rule.get("ReferencedGroupInfo", {}).get("GroupId"),
        "list": rule.get("PrefixListId"),
        "description": rule.get("Description"),
        "tags": tags_of(rule),
    }


_SEEN = {
    "group": "{group.id}",
    "out": False,
    "ports": ("tcp", 443, 443),
    "addresses": "10.0.0.0/16",
    "members": None,
    "list": None,
    "description": "before",
    "tags": {"from": "provider"},
}


def _revoke(aws: Aws, it: Kept) -> None:
    direction = "egress" if "Egress" in it.type else "ingress"
    revoke = getattr(aws("ec2"), f"revoke_security_group_{direction}")
    revoke(GroupId=it.outputs["securityGroupId"], SecurityGroupRuleIds=[it.id])


def _describe_otherwise(aws: Aws, it: Kept) -> None:
    (rule,) = aws("ec2").describe_security_group_rules(SecurityGroupRuleIds=[it.id])["SecurityGroupRules"]
    kept = ("IpProtocol", "FromPort", "ToPort", "CidrIpv4", "PrefixListId")
    change = {**{member: rule[member] for member in kept if member in rule}, "Description": "elsewhere"}
    if "ReferencedGroupInfo" in rule:
        change["ReferencedGroupId"] = rule["ReferencedGroupInfo"]["GroupId"]
    aws("ec2").modify_security_group_rules(
        GroupId=rule["GroupId"], SecurityGroupRules=[{"SecurityGroupRuleId": it.id, "SecurityGroupRule": change}]
    )


SAMPLES = [
    Sample(
        type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        needs={"vpc": VPC, "group": SECURITY_GROUP, "other": SECURITY_GROUP},
        inputs={
            **_HTTPS,
            "securityGroupId": "{group.id}",
            "cidrIpv4": "10.0.0.0/16",
            "description": "before",
        },
        look=_rule,
        seen=_SEEN,
        change={"fromPort": 80, "cidrIpv4": "10.9.0.0/16", "description": None, "tags": {"own": "1"}},
        seen_changed={
            **_SEEN,
            "ports": ("tcp", 80, 443),
            "addresses": "10.9.0.0/16",
            "description": None,
            "tags": {"from": "provider", "own": "1"},
        },
        replace={"securityGroupId": "{other.id}"},
        drift=_describe_otherwise,
        drifts="description",
        remove=_revoke,
    ),
    Sample(
        type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        needs={"vpc": VPC, "group": SECURITY_GROUP, "other": SECURITY_GROUP},
        inputs={
            "ipProtocol": "-1",
            "securityGroupId": "{group.id}",
            "referencedSecurityGroupId": "{group.id}",
            "description": "before",
        },
        look=_rule,
        seen={**_SEEN, "ports": ("-1", -1, -1), "addresses": None, "members": "{group.id}"},
        change={"referencedSecurityGroupId": "{other.id}", "description": "after"},
        seen_changed={
            **_SEEN,
            "ports": ("-1", -1, -1),
            "addresses": None,
            "members": "{other.id}",
            "description": "after",
        },
        replace={"securityGroupId": "{other.id}"},
        drift=_describe_otherwise,
        drifts="description",
        remove=_revoke,
    ),
    Sample(
        type="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        needs={
            "vpc": VPC,
            "group": SECURITY_GROUP,
            "endpoint": (
                "aws:ec2/vpcEndpoint:VpcEndpoint",
                {"vpcId": "{vpc.id}", "serviceName": "com.amazonaws.eu-west-1.s3"},
            ),
        },
        inputs={
            **_HTTPS,
            "securityGroupId": "{group.id}",
            "prefixListId": "{endpoint.outputs.prefixListId}",
            "description": "before",
        },
        look=_rule,
        seen={**_SEEN, "out": True, "addresses": None, "list": "{endpoint.outputs.prefixListId}"},
        change={"toPort": 444, "description": "after"},
        seen_changed={
            **_SEEN,
            "out": True,
            "addresses": None,
            "list": "{endpoint.outputs.prefixListId}",
            "ports": ("tcp", 443, 444),
            "description": "after",
        },
        replace={"securityGroupId": "sg-0123456789abcdef0"},
        drift=_describe_otherwise,
        drifts="description",
        remove=_revoke,
    ),
]
