"""The security group of jobs, notebooks and model endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

HTTPS = 443
EVERYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseAccess:
    """A database outside of the group."""

    cidr: IPv4Network
    """CIDR block of its network."""

    port: int
    """Port on which it listens."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkloadSecurityGroupArgs:
    """Arguments of :class:`WorkloadSecurityGroup`."""

    label: str
    """Value of the security group's ``Name`` tag."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC of the workloads."""

    endpoint_security_group_id: pulumi.Input[str] | None = None
    """Id of the interface endpoints' security group, if the network has endpoints of its own."""

    endpoints_cidr: IPv4Network | None = None
    """CIDR block of the shared interface endpoints, if the network uses them. A network with both kinds of endpoints
    sets both fields."""

    gateways: Sequence[str]
    """Stable names of the gateway endpoints; each gets one rule."""

    gateway_prefix_list_ids: Sequence[pulumi.Input[str]]
    """Ids of the gateway endpoints' prefix lists, in the same order."""

    internet: bool = False
    """Whether HTTPS to all addresses is allowed, endpoints included. Only for networks with internet egress, in
    experimentation (EXP-05)."""

    database: DatabaseAccess | None = None
    """A database to which members may connect."""

    def __post_init__(self) -> None:
        if self.endpoint_security_group_id is None and self.endpoints_cidr is None:
            raise ValueError(f"endpoints: {self.label} has neither their security group nor their CIDR block")


class WorkloadSecurityGroup(pulumi.ComponentResource):
    """A security group whose members may connect to each other, and to AWS over HTTPS.

    Creates: the group; rules for traffic between its members; HTTPS to the interface endpoints and to each gateway
    endpoint or, with ``internet``, to all addresses; and the port of a ``database``.

    Outputs: ``security_group_id``.

    Raises: ValueError when neither the endpoints' security group nor their CIDR block is given.

    Cost: none.

    Example::

        group = WorkloadSecurityGroup("workloads", WorkloadSecurityGroupArgs(
            label="fraud-development", vpc_id=network.vpc_id,
            endpoint_security_group_id=endpoints.security_group_id,
            gateways=["s3", "dynamodb"], gateway_prefix_list_ids=endpoints.prefix_list_ids,
        ))
    """

    security_group_id: pulumi.Output[str]
    """Id of the group, for all jobs, notebooks and model endpoints of the environment."""

    def __init__(self, name: str, args: WorkloadSecurityGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:WorkloadSecurityGroup", name, None, opts)
        self._name = name
        self._group = aws.ec2.SecurityGroup(
            name,
            description="Jobs, notebooks and endpoints of this environment",
            vpc_id=args.vpc_id,
            tags={"Name": f"{args.label}-workloads"},
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._allow_members()
        if args.internet:
            self._https("internet", "AWS, frameworks and libraries, in experimentation", cidr_ipv4=EVERYWHERE)
        else:
            self._allow_aws(args)
        if (database := args.database) is not None:
            self._connect("database", "Database", database.port, cidr_ipv4=str(database.cidr))

        self.security_group_id = self._group.id
        self.register_outputs({"security_group_id": self.security_group_id})

    def _allow_aws(self, args: WorkloadSecurityGroupArgs) -> None:
        shared, own = args.endpoints_cidr, args.endpoint_security_group_id
        if shared is not None:
            self._https("endpoints", "Interface endpoints", cidr_ipv4=str(shared))
        if own is not None:
            suffix = "endpoints" if shared is None else "own-endpoints"
            self._https(suffix, "Interface endpoints", referenced_security_group_id=own)
        for gateway, prefix_list_id in zip(args.gateways, args.gateway_prefix_list_ids, strict=True):
            self._https(gateway, f"{gateway} by its gateway endpoint", prefix_list_id=prefix_list_id)

    def _allow_members(self) -> None:
        """Allows all ports between members, because home directories, kernels and distributed training choose their
        ports."""
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-from-members",
            security_group_id=self._group.id,
            description="Members of this group",
            ip_protocol="-1",
            referenced_security_group_id=self._group.id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-members",
            security_group_id=self._group.id,
            description="Members of this group",
            ip_protocol="-1",
            referenced_security_group_id=self._group.id,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _https(self, suffix: str, description: str, **target: pulumi.Input[str] | None) -> None:
        self._connect(suffix, description, HTTPS, **target)

    def _connect(
        self,
        suffix: str,
        description: str,
        port: int,
        *,
        referenced_security_group_id: pulumi.Input[str] | None = None,
        prefix_list_id: pulumi.Input[str] | None = None,
        cidr_ipv4: pulumi.Input[str] | None = None,
    ) -> None:
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-{suffix}",
            security_group_id=self._group.id,
            description=description,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=referenced_security_group_id,
            prefix_list_id=prefix_list_id,
            cidr_ipv4=cidr_ipv4,
            opts=pulumi.ResourceOptions(parent=self),
        )
