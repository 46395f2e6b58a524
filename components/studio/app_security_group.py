"""The security group of Studio apps, which allows the connections that work requires and none between apps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.former_components import without_component
from components.network.workload_security_group import EVERYWHERE, HTTPS


@dataclass(frozen=True, kw_only=True, slots=True)
class AppSecurityGroupArgs:
    """Arguments of :class:`AppSecurityGroup`."""

    label: str
    """Prefix of the security group's ``Name`` tag, which ends in ``-studio``."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC of the apps."""

    endpoint_security_group_id: pulumi.Input[str] | None = None
    """Id of the interface endpoints' security group, if the network has endpoints of its own."""

    endpoints_cidr: IPv4Network | None = None
    """CIDR block of the shared interface endpoints, if the network uses them. A network with both kinds of endpoints
    sets both fields."""

    gateway_prefix_list_ids: Sequence[pulumi.Input[str]]
    """Ids of the gateway endpoints' prefix lists."""

    internet: bool = False
    """Whether HTTPS to all addresses is allowed. Only for networks with internet egress, in experimentation
    (EXP-05)."""

    def __post_init__(self) -> None:
        if self.endpoint_security_group_id is None and self.endpoints_cidr is None:
            raise ValueError(f"endpoints: {self.label} has neither their security group nor their CIDR block")


class AppSecurityGroup:
    """A security group that lets apps reach AWS over HTTPS, but not each other. Each person's own group allows traffic
    between their apps.

    Not a component resource, because it has a single resource and a stack has few to spare.

    Creates: the group with inline rules, so that rules and group are created and deleted together.

    Outputs: ``security_group_id``.

    Raises: ValueError when neither the endpoints' security group nor their CIDR block is given.

    Cost: none.

    Example::

        doors = AppSecurityGroup("studio-apps", AppSecurityGroupArgs(
            label="fraud-development", vpc_id=network.vpc_id,
            endpoint_security_group_id=endpoints.security_group_id,
            gateway_prefix_list_ids=endpoints.prefix_list_ids,
        ))
    """

    security_group_id: pulumi.Output[str]
    """Id of the group, for all apps in addition to the group of their user."""

    def __init__(self, name: str, args: AppSecurityGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        group = aws.ec2.SecurityGroup(
            name,
            description="What apps of Studio may reach",
            vpc_id=args.vpc_id,
            egress=list(_rules(args)),
            tags={"Name": f"{args.label}-studio"},
            opts=without_component(name, "plinth:studio:AppSecurityGroup", opts),
        )
        self.security_group_id = group.id


def _rules(args: AppSecurityGroupArgs) -> list[aws.ec2.SecurityGroupEgressArgs]:
    endpoints = []
    if args.endpoint_security_group_id is not None:
        endpoints.append(_https("Interface endpoints", security_groups=[args.endpoint_security_group_id]))
    if args.endpoints_cidr is not None:
        endpoints.append(_https("Shared interface endpoints", cidr_blocks=[str(args.endpoints_cidr)]))
    gateways = _https("Gateway endpoints", prefix_list_ids=list(args.gateway_prefix_list_ids))
    internet = _https("Frameworks and libraries, in experimentation", cidr_blocks=[EVERYWHERE])
    return [*endpoints, gateways, *([internet] if args.internet else [])]


def _https(
    description: str,
    *,
    security_groups: Sequence[pulumi.Input[str]] | None = None,
    prefix_list_ids: Sequence[pulumi.Input[str]] | None = None,
    cidr_blocks: Sequence[pulumi.Input[str]] | None = None,
) -> aws.ec2.SecurityGroupEgressArgs:
    return aws.ec2.SecurityGroupEgressArgs(
        description=description,
        protocol="tcp",
        from_port=HTTPS,
        to_port=HTTPS,
        security_groups=security_groups,
        prefix_list_ids=prefix_list_ids,
        cidr_blocks=cidr_blocks,
    )
