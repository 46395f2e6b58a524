"""A network's side of the endpoints that all share: how it gets to them, and finds them by name."""

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
    """What people see in the console as the Name of the attachment."""

    gateway_id: pulumi.Input[str]
    """Transit gateway of the network account, which it shares with the organization."""

    vpc_id: pulumi.Input[str]
    """Network that is attached."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Its private subnets, one per zone."""

    route_table_id: pulumi.Input[str]
    """Their route table."""

    endpoints_cidr: IPv4Network
    """Addresses of the shared endpoints: the only ones that get a route."""

    profile_id: pulumi.Input[str]
    """Route 53 Profile that knows the endpoints by the services' names."""


class SharedEndpointAccess(pulumi.ComponentResource):
    """A network attached to the transit gateway, with one route: to the shared endpoints and to no other network.

    It carries nothing until the network account has admitted it (:class:`TransitAdmission`).

    Creates: the attachment; the route of the private subnets; the association with the profile.

    Args: see :class:`SharedEndpointAccessArgs`.

    Outputs: ``attachment_id``.

    Raises: nothing of its own.

    Cost: about 0.05 USD per hour, and 0.02 USD per GB: 37 USD a month before traffic.

    Example::

        access = SharedEndpointAccess("shared-endpoints", SharedEndpointAccessArgs(
            label="fraud-development", gateway_id="tgw-0", vpc_id=network.vpc_id, subnet_ids=network.subnet_ids,
            route_table_id=network.route_table_id, endpoints_cidr=IPv4Network("10.0.8.0/21"), profile_id="rp-0",
        ))
    """

    attachment_id: pulumi.Output[str]
    """For its admission."""

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
