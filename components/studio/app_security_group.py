"""Which connections the apps of Studio may make: those that work needs, and none to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.network.workload_security_group import EVERYWHERE, HTTPS


@dataclass(frozen=True, kw_only=True, slots=True)
class AppSecurityGroupArgs:
    """Arguments of :class:`AppSecurityGroup`."""

    label: str
    """What people see in the console as the Name of the group, with ``-studio`` behind it."""

    vpc_id: pulumi.Input[str]
    """Network of the apps."""

    endpoint_security_group_id: pulumi.Input[str] | None = None
    """Group of the interface endpoints, where the network has its own."""

    endpoints_cidr: IPv4Network | None = None
    """Addresses of the interface endpoints, where all networks share them. A network has both groups and addresses
    where it has endpoints of its own beside the shared ones."""

    gateway_prefix_list_ids: Sequence[pulumi.Input[str]]
    """Addresses behind the gateway endpoints."""

    internet: bool = False
    """Adds HTTPS to anywhere. Only where the network has a way out, which is experimentation alone (EXP-05)."""

    def __post_init__(self) -> None:
        if self.endpoint_security_group_id is None and self.endpoints_cidr is None:
            raise ValueError(f"endpoints: {self.label} names neither their security group nor their addresses")


class AppSecurityGroup(pulumi.ComponentResource):
    """Apps reach AWS by HTTPS and nothing else: not even each other, which a person's own group lets them.

    Creates: the group, with its rules inside it: they live and die with it.

    Args: see :class:`AppSecurityGroupArgs`.

    Outputs: ``security_group_id``.

    Raises: ValueError when the endpoints are named in neither way.

    Cost: none.

    Example::

        doors = AppSecurityGroup("studio-apps", AppSecurityGroupArgs(
            label="fraud-development", vpc_id=network.vpc_id,
            endpoint_security_group_id=endpoints.security_group_id,
            gateway_prefix_list_ids=endpoints.prefix_list_ids,
        ))
    """

    security_group_id: pulumi.Output[str]
    """For every app, beside the group of the person whose app it is."""

    def __init__(self, name: str, args: AppSecurityGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:studio:AppSecurityGroup", name, None, opts)
        group = aws.ec2.SecurityGroup(
            name,
            description="What apps of Studio may reach",
            vpc_id=args.vpc_id,
            egress=list(_rules(args)),
            tags={"Name": f"{args.label}-studio"},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.security_group_id = group.id
        self.register_outputs({"security_group_id": self.security_group_id})


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
