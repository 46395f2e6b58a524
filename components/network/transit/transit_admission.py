"""The network account's side of an attachment: accepted by name, and routed to the endpoints alone."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class TransitAdmissionArgs:
    """Arguments of :class:`TransitAdmission`."""

    label: str
    """What people see in the console as the Name of the attachment."""

    attachment_id: pulumi.Input[str]
    """Attachment that is admitted."""

    cidr: IPv4Network
    """Addresses of its network, to which answers find their way."""

    callers_table_id: pulumi.Input[str]
    """Table that leads to the endpoints and nowhere else."""

    endpoints_table_id: pulumi.Input[str]
    """Table by which the endpoints answer."""

    from_another_account: bool
    """Whether the network is in another account than the gateway; only then is there something to accept."""


class TransitAdmission(pulumi.ComponentResource):
    """Lets one attached network reach the shared endpoints. Made in the account of the transit gateway.

    Creates: the acceptance, where the network is another account's; the association with the callers' table; the
    endpoints' route to the network.

    Args: see :class:`TransitAdmissionArgs`.

    Outputs: ``attachment_id``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        TransitAdmission("admission", TransitAdmissionArgs(
            label="fraud-development", attachment_id=access.attachment_id, cidr=IPv4Network("10.1.8.0/21"),
            callers_table_id="tgw-rtb-1", endpoints_table_id="tgw-rtb-2", from_another_account=True,
        ), pulumi.ResourceOptions(provider=network_account))
    """

    attachment_id: pulumi.Output[str]
    """The attachment; known once endpoints can be reached through it."""

    def __init__(self, name: str, args: TransitAdmissionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:TransitAdmission", name, None, opts)
        accepted = pulumi.Output.from_input(args.attachment_id)
        if args.from_another_account:
            acceptance = aws.ec2transitgateway.VpcAttachmentAccepter(
                f"{name}-acceptance",
                transit_gateway_attachment_id=args.attachment_id,
                transit_gateway_default_route_table_association=False,
                transit_gateway_default_route_table_propagation=False,
                tags={"Name": args.label},
                opts=pulumi.ResourceOptions(parent=self),
            )
            accepted = acceptance.id.apply(str)
        association = aws.ec2transitgateway.RouteTableAssociation(
            f"{name}-to-endpoints",
            transit_gateway_attachment_id=accepted,
            transit_gateway_route_table_id=args.callers_table_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        answer = aws.ec2transitgateway.Route(
            f"{name}-way-back",
            destination_cidr_block=str(args.cidr),
            transit_gateway_attachment_id=accepted,
            transit_gateway_route_table_id=args.endpoints_table_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        admitted = pulumi.Output.all(accepted, association.id, answer.id)
        self.attachment_id = admitted.apply(lambda known: str(known[0]))
        self.register_outputs({"attachment_id": self.attachment_id})
