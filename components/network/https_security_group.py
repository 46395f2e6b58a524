"""A security group that admits HTTPS from one network, and nothing else."""

from __future__ import annotations

from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

HTTPS = 443


def https_security_group(
    name: str,
    *,
    rule_name: str,
    purpose: str,
    label: str,
    vpc_id: pulumi.Input[str],
    cidr: IPv4Network,
    parent: pulumi.Resource,
) -> aws.ec2.SecurityGroup:
    """Creates the group and its rule. ``rule_name`` is the rule's logical name.

    ``purpose`` begins the description, and ``label`` is the ``Name`` tag of the group.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    group = aws.ec2.SecurityGroup(
        name,
        description=f"{purpose}: HTTPS from this network",
        vpc_id=vpc_id,
        tags={"Name": label},
        opts=opts,
    )
    aws.vpc.SecurityGroupIngressRule(
        rule_name,
        security_group_id=group.id,
        description="HTTPS from this network",
        ip_protocol="tcp",
        from_port=HTTPS,
        to_port=HTTPS,
        cidr_ipv4=str(cidr),
        opts=opts,
    )
    return group
