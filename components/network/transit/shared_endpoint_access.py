"""The connection of a network to the shared endpoints: routing and name resolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedEndpointAccessArgs:
    """Arguments of :class:`SharedEndpointAccess`."""

    label: str
    """Value of the attachment's ``Name`` tag."""

    gateway_id: pulumi.Input[str]
    """Id of the network account's transit gateway, which is shared with the organization."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC to attach."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of the VPC's private subnets, one per zone."""

    route_table_id: pulumi.Input[str]
    """Id of the subnets' route table."""

    endpoints_cidr: IPv4Network
    """CIDR block of the shared endpoints, the only addresses with a route."""

    profile_id: pulumi.Input[str]
    """Id of the Route 53 Profile that resolves the services' names to the endpoints."""


class SharedEndpointAccess(pulumi.ComponentResource):
    """A VPC attached to the transit gateway, with a single route: to the shared endpoints, and to no other network.

    The attachment carries no traffic until the network account admits it (:class:`TransitAdmission`).

    Creates: the attachment; the route of the private subnets; the association with the profile.

    Outputs: ``attachment_id``.

    Cost: about 0.05 USD per hour, and 0.02 USD per GB: 37 USD a month before traffic.

    Example::

        access = SharedEndpointAccess("shared-endpoints", SharedEndpointAccessArgs(
            label="fraud-development", gateway_id="tgw-0", vpc_id=network.vpc_id, subnet_ids=network.subnet_ids,
            route_table_id=network.route_table_id, endpoints_cidr=IPv4Network("10.0.8.0/21"), profile_id="rp-0",
        ))
    """

    attachment_id: pulumi.Output[str]
    """Id of the attachment, for its admission."""

    def __init__(self, name: str, args: SharedEndpointAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:SharedEndpointAccess", name, None, opts)
        attachment = aws.ec2transitgateway.VpcAttachment(
            f"{name}-attachment",
            transit_gateway_id=args.gateway_id,
            vpc_id=args.vpc_id,
            subnet_ids=list(args.subnet_ids),
            tags={"Name": args.label},
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.ec2.Route(
            f"{name}-route",
            route_table_id=args.route_table_id,
            destination_cidr_block=str(args.endpoints_cidr),
            transit_gateway_id=args.gateway_id,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[attachment]),
        )
        aws.route53.ProfilesAssociation(
            f"{name}-names",
            name=args.label,
            profile_id=args.profile_id,
            resource_id=args.vpc_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.attachment_id = attachment.id
        self.register_outputs({"attachment_id": self.attachment_id})
