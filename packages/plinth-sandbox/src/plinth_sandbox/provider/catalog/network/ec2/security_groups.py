"""Security groups with inline rules. Rules as separate resources are in `vpc`."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.network.ec2.tagging import TAGS, arn_of, created_as
from plinth_sandbox.provider.functions.network.security_groups import (
    delete_group,
    find_default_group,
    read_rules,
    set_egress,
    set_ingress,
)
from plinth_sandbox.provider.vocabulary import Call, Resource, Update

READ_GROUP = Call(
    "describe_security_groups",
    {"GroupIds": ["{id}"]},
    within="SecurityGroups[0]",
    carries=["name", "description", "vpcId", "ownerId", "tags"],
)

SECURITY_GROUP = Resource(
    type="aws:ec2/securityGroup:SecurityGroup",
    create=Call("create_security_group", carries=["name", "description", "vpcId"], gives={"id": "GroupId"}),
    read=[READ_GROUP, read_rules],
    # EC2 allows all egress from a new group. The vendor's provider removes that rule.
    update=[Update(set_ingress, carries=["ingress"]), Update(set_egress, carries=["egress"], always=True)],
    delete=delete_group,
    renames={"name": "GroupName"},
    derived=arn_of("security-group"),
    defaults={"description": "Managed by Pulumi"},
    computed=["ingress", "egress", "vpcId"],
    local=["revokeRulesOnDelete"],
    tags=created_as("security-group"),
)

DEFAULT_SECURITY_GROUP = Resource(
    type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    # The group exists already. Adopting it removes the rules that the program does not list.
    create=find_default_group,
    creates=["vpcId"],
    read=[READ_GROUP, read_rules],
    update=[
        Update(set_ingress, carries=["ingress"], always=True),
        Update(set_egress, carries=["egress"], always=True),
    ],
    delete=None,  # it is deleted with its VPC
    renames={"name": "GroupName"},
    derived=arn_of("security-group"),
    computed=["ingress", "egress", "vpcId"],
    local=["revokeRulesOnDelete"],
    name=None,
    tags=TAGS,
)
