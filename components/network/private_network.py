"""A VPC without internet routes, in which all workloads run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class SubnetAllocation:
    """Zone and addresses of one subnet."""

    zone_id: str
    """Availability Zone id (``euw1-az1``), which identifies the same zone in every account."""

    cidr: IPv4Network
    """CIDR block of the subnet. AWS reserves five of its addresses."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateNetworkArgs:
    """Arguments of :class:`PrivateNetwork`."""

    label: str
    """Prefix of the ``Name`` tags of the VPC and its parts."""

    cidr: IPv4Network
    """CIDR block of the VPC, /16 to /28 (an AWS limit), unique in the organization."""

    subnets: Sequence[SubnetAllocation]
    """Subnets in at least two zones, because Studio and endpoints must survive the loss of one (SM-01, NW-05)."""

    def __post_init__(self) -> None:
        if len({subnet.zone_id for subnet in self.subnets}) < 2:
            raise ValueError(f"subnets: {self.label} needs subnets in at least 2 zones")
        for subnet in self.subnets:
            if not subnet.cidr.subnet_of(self.cidr):
                raise ValueError(f"subnets: {subnet.cidr} is not part of the network {self.cidr}")


class PrivateNetwork(pulumi.ComponentResource):
    """A VPC of private subnets whose routes stay inside it. Traffic leaves it only through endpoints.

    Creates: the VPC; one subnet per entry of ``subnets``; one route table without routes, associated with each subnet;
    the VPC's default security group and default route table, without rules and routes.

    Outputs: ``vpc_id``, ``subnet_ids``, ``route_table_id``.

    Raises: ValueError when the subnets are in fewer than two zones, or outside the network.

    Cost: none.

    Example::

        network = PrivateNetwork("network", PrivateNetworkArgs(
            label="fraud-development", cidr=IPv4Network("10.1.8.0/21"),
            subnets=[SubnetAllocation(zone_id="euw1-az1", cidr=IPv4Network("10.1.8.0/23")),
                     SubnetAllocation(zone_id="euw1-az2", cidr=IPv4Network("10.1.10.0/23"))],
        ))
        pulumi.export("vpc_id", network.vpc_id)
    """

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    subnet_ids: list[pulumi.Output[str]]
    """Ids of the subnets, in the order of ``subnets``."""
    route_table_id: pulumi.Output[str]
    """Id of the subnets' route table, to which gateway endpoints add their routes."""

    def __init__(self, name: str, args: PrivateNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:PrivateNetwork", name, None, opts)
        self._name, self._args = name, args

        self._vpc = aws.ec2.Vpc(
            name,
            cidr_block=str(args.cidr),
            # Private DNS names of interface endpoints require both.
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": args.label},
            opts=self._child(),
        )
        self._clear_default_rules()
        table = aws.ec2.RouteTable(
            f"{name}-private", vpc_id=self._vpc.id, tags={"Name": f"{args.label}-private"}, opts=self._child()
        )
        subnets = [self._subnet(subnet, table) for subnet in args.subnets]

        self.vpc_id = self._vpc.id
        self.subnet_ids = [subnet.id for subnet in subnets]
        self.route_table_id = table.id
        self.register_outputs(
            {"vpc_id": self.vpc_id, "subnet_ids": self.subnet_ids, "route_table_id": self.route_table_id}
        )

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _subnet(self, subnet: SubnetAllocation, table: aws.ec2.RouteTable) -> aws.ec2.Subnet:
        resource = aws.ec2.Subnet(
            f"{self._name}-{subnet.zone_id}",
            vpc_id=self._vpc.id,
            cidr_block=str(subnet.cidr),
            availability_zone_id=subnet.zone_id,
            map_public_ip_on_launch=False,
            tags={"Name": f"{self._args.label}-private-{subnet.zone_id}"},
            opts=self._child(),
        )
        aws.ec2.RouteTableAssociation(
            f"{self._name}-{subnet.zone_id}-routes", subnet_id=resource.id, route_table_id=table.id, opts=self._child()
        )
        return resource

    def _clear_default_rules(self) -> None:
        """Removes all rules and routes from the VPC's defaults, which resources use if they name no other (EC2.2, CIS
        5.5)."""
        unused = {"Name": f"{self._args.label}-default-unused"}
        aws.ec2.DefaultSecurityGroup(
            f"{self._name}-default-security-group",
            vpc_id=self._vpc.id,
            ingress=[],
            egress=[],
            tags=unused,
            opts=self._child(),
        )
        aws.ec2.DefaultRouteTable(
            f"{self._name}-default-routes",
            default_route_table_id=self._vpc.default_route_table_id,
            routes=[],
            tags=unused,
            opts=self._child(),
        )
