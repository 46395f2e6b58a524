"""Where networks of all accounts meet the endpoints that they share, and not each other."""

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
    """What people see in the console as the Name of its parts."""

    vpc_id: pulumi.Input[str]
    """Network of the shared endpoints."""

    cidr: IPv4Network
    """Its addresses: all that the gateway leads other networks to."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Its private subnets, one per zone."""

    route_table_id: pulumi.Input[str]
    """Their route table, which gets the way back to those who call."""

    supernet: IPv4Network
    """Addresses of every network of the organization."""


class TransitHub(pulumi.ComponentResource):
    """A transit gateway whose networks reach the endpoints and nobody else.

    Networks of callers follow one table, in which there is one route: to the endpoints. The network of the endpoints
    follows the other, to which each caller adds the route to itself. Nothing joins or is routed unasked: attachments
    are accepted one by one, and the gateway has no default tables (FSBP EC2.23).

    Creates: the gateway; the two route tables; the attachment of the endpoints' network with its association; the route
    from callers to endpoints; the route from the endpoints' subnets to the gateway.

    Args: see :class:`TransitHubArgs`.

    Outputs: ``gateway_id``, ``gateway_arn``, ``callers_table_id``, ``endpoints_table_id``.

    Raises: ValueError when the endpoints' network is not of the supernet.

    Cost: about 0.05 USD per hour and attached network, and 0.02 USD per GB.

    Example::

        hub = TransitHub("hub", TransitHubArgs(
            label="acme", vpc_id=network.vpc_id, cidr=IPv4Network("10.0.64.0/19"), subnet_ids=network.subnet_ids,
            route_table_id=network.route_table_id, supernet=IPv4Network("10.0.0.0/8"),
        ))
    """

    gateway_id: pulumi.Output[str]
    """For attachments; known once callers can reach the endpoints."""
    gateway_arn: pulumi.Output[str]
    """For sharing it."""
    callers_table_id: pulumi.Output[str]
    """Table that a caller's attachment is associated with."""
    endpoints_table_id: pulumi.Output[str]
    """Table that gets the route to each caller."""

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
