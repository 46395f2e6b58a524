"""The transit gateway that connects networks of all accounts to shared endpoints, and not to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class TransitHubArgs:
    """Arguments of :class:`TransitHub`."""

    label: str
    """Prefix of the ``Name`` tags of the parts."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC of the shared endpoints."""

    cidr: IPv4Network
    """CIDR block of that VPC, the only destination to which the gateway routes other networks."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of its private subnets, one per zone."""

    route_table_id: pulumi.Input[str]
    """Id of the subnets' route table, which gets the route back to callers."""

    supernet: IPv4Network
    """CIDR block that contains all networks of the organization."""


class TransitHub(pulumi.ComponentResource):
    """A transit gateway through which networks reach the shared endpoints only.

    Callers' networks use a route table with a single route, to the endpoints. The endpoints' network uses a second
    table, to which the admission of each caller adds a route. Attachments are accepted one by one, and the gateway has
    no default route tables, so nothing is connected unintentionally (FSBP EC2.23).

    Creates: the gateway; the two route tables; the attachment of the endpoints' network with its association; the route
    from callers to endpoints; the route from the endpoints' subnets to the gateway.

    Outputs: ``gateway_id``, ``gateway_arn``, ``callers_table_id``, ``endpoints_table_id``.

    Raises: ValueError when the endpoints' network is not part of the supernet.

    Cost: about 0.05 USD per hour and attached network, and 0.02 USD per GB.

    Example::

        hub = TransitHub("hub", TransitHubArgs(
            label="acme", vpc_id=network.vpc_id, cidr=IPv4Network("10.0.64.0/19"), subnet_ids=network.subnet_ids,
            route_table_id=network.route_table_id, supernet=IPv4Network("10.0.0.0/8"),
        ))
    """

    gateway_id: pulumi.Output[str]
    """Id of the gateway, for attachments; known once callers can reach the endpoints."""
    gateway_arn: pulumi.Output[str]
    """ARN of the gateway, for sharing it."""
    callers_table_id: pulumi.Output[str]
    """Id of the route table for the attachments of callers."""
    endpoints_table_id: pulumi.Output[str]
    """Id of the route table that gets a route to each caller."""

    def __init__(self, name: str, args: TransitHubArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:TransitHub", name, None, opts)
        if not args.cidr.subnet_of(args.supernet):
            raise ValueError(f"cidr: {args.cidr} is not part of {args.supernet}")
        self._name, self._args = name, args

        gateway = aws.ec2transitgateway.TransitGateway(
            name,
            description=f"Networks of {args.label} to their shared endpoints",
            auto_accept_shared_attachments="disable",
            default_route_table_association="disable",
            default_route_table_propagation="disable",
            tags={"Name": args.label},
            opts=self._child(),
        )
        callers, endpoints = self._table("callers", gateway), self._table("endpoints", gateway)
        attachment = self._attach(gateway, endpoints)
        leads_there = aws.ec2transitgateway.Route(
            f"{name}-to-endpoints",
            destination_cidr_block=str(args.cidr),
            transit_gateway_attachment_id=attachment.id,
            transit_gateway_route_table_id=callers.id,
            opts=self._child(),
        )

        self.gateway_id = pulumi.Output.all(gateway.id, leads_there.id).apply(lambda known: str(known[0]))
        self.gateway_arn = gateway.arn
        self.callers_table_id, self.endpoints_table_id = callers.id, endpoints.id
        self.register_outputs(
            {
                "gateway_id": self.gateway_id,
                "gateway_arn": self.gateway_arn,
                "callers_table_id": self.callers_table_id,
                "endpoints_table_id": self.endpoints_table_id,
            }
        )

    def _child(self, *after: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(after))

    def _table(self, suffix: str, gateway: aws.ec2transitgateway.TransitGateway) -> aws.ec2transitgateway.RouteTable:
        return aws.ec2transitgateway.RouteTable(
            f"{self._name}-{suffix}",
            transit_gateway_id=gateway.id,
            tags={"Name": f"{self._args.label}-{suffix}"},
            opts=self._child(),
        )

    def _attach(
        self, gateway: aws.ec2transitgateway.TransitGateway, table: aws.ec2transitgateway.RouteTable
    ) -> aws.ec2transitgateway.VpcAttachment:
        attachment = aws.ec2transitgateway.VpcAttachment(
            f"{self._name}-attachment",
            transit_gateway_id=gateway.id,
            vpc_id=self._args.vpc_id,
            subnet_ids=list(self._args.subnet_ids),
            transit_gateway_default_route_table_association=False,
            transit_gateway_default_route_table_propagation=False,
            tags={"Name": f"{self._args.label}-endpoints"},
            opts=self._child(),
        )
        aws.ec2transitgateway.RouteTableAssociation(
            f"{self._name}-attachment-routes",
            transit_gateway_attachment_id=attachment.id,
            transit_gateway_route_table_id=table.id,
            opts=self._child(),
        )
        aws.ec2.Route(
            f"{self._name}-way-back",
            route_table_id=self._args.route_table_id,
            destination_cidr_block=str(self._args.supernet),
            transit_gateway_id=gateway.id,
            opts=self._child(attachment),
        )
        return attachment
