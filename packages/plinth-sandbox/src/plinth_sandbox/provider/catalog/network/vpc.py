"""Amazon VPC: rules of security groups as separate resources, and private DNS names of endpoints."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.catalog.network.ec2.endpoint_services import (
    ENDPOINT_PRIVATE_DNS,
    PRIVATE_DNS_VERIFICATION,
)
from plinth_sandbox.provider.catalog.network.ec2.tagging import TAGS
from plinth_sandbox.provider.functions.network.vpc import PROPERTIES, authorize_egress, authorize_ingress, modify_rule
from plinth_sandbox.provider.vocabulary import Call, Resource, Update

SOURCES = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"]
RULE: dict[str, Any] = {
    "service": "ec2",
    "creates": [*PROPERTIES, "tags"],
    "read": Call(
        "describe_security_group_rules",
        {"SecurityGroupRuleIds": ["{id}"]},
        within="SecurityGroupRules[0]",
        gives={
            "arn": "SecurityGroupRules[0].SecurityGroupRuleArn",
            "referencedSecurityGroupId": "SecurityGroupRules[0].ReferencedGroupInfo.GroupId",
        },
    ),
    "update": [Update(modify_rule, carries=[name for name in PROPERTIES if name != "securityGroupId"])],
    "renames": {"securityGroupId": "GroupId"},
    # Ports in the answer for a rule that covers all protocols.
    "defaults": {"fromPort": -1, "toPort": -1},
    "exactly_one": [SOURCES],
    # EC2 modifies a rule, but not into one for another type of source (EC2 API, ModifySecurityGroupRules).
    "alternatives": SOURCES,
    "derived": {"arn": "arn:{@partition}:ec2:{@region}:{@account}:security-group-rule/{id}"},
    "name": None,
    "tags": TAGS,
}
"""Settings that ingress and egress rules share."""

_REVOKED = {"GroupId": "{securityGroupId}", "SecurityGroupRuleIds": ["{id}"]}

SECURITY_GROUP_INGRESS_RULE = Resource(
    type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    create=authorize_ingress,
    delete=Call("revoke_security_group_ingress", _REVOKED),
    **RULE,
)

SECURITY_GROUP_EGRESS_RULE = Resource(
    type="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    create=authorize_egress,
    delete=Call("revoke_security_group_egress", _REVOKED),
    **RULE,
)

RESOURCES = [
    SECURITY_GROUP_INGRESS_RULE,
    SECURITY_GROUP_EGRESS_RULE,
    PRIVATE_DNS_VERIFICATION,
    ENDPOINT_PRIVATE_DNS,
]
