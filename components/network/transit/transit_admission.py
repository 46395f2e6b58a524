"""The network account's side of an attachment: acceptance, and routing to the shared endpoints only."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class TransitAdmissionArgs:
    """Arguments of :class:`TransitAdmission`."""

    label: str
    """Value of the attachment's ``Name`` tag."""

    attachment_id: pulumi.Input[str]
    """Id of the attachment to admit."""

    cidr: IPv4Network
    """CIDR block of the attached network, for the route of responses."""

    callers_table_id: pulumi.Input[str]
    """Id of the route table for callers, which routes to the endpoints only."""

    endpoints_table_id: pulumi.Input[str]
    """Id of the route table by which endpoints respond to callers."""

    from_another_account: bool
    """Whether the network is in a different account than the gateway. Only then does the attachment need acceptance."""


class TransitAdmission(pulumi.ComponentResource):
    """Admission of one attached network to the shared endpoints, created in the transit gateway's account.

    Creates: the acceptance, if the network is in another account; the association with the callers' route table; the
    route from the endpoints to the network.

    Outputs: ``attachment_id``.

    Cost: none.

    Example::

        TransitAdmission("admission", TransitAdmissionArgs(
            label="fraud-development", attachment_id=access.attachment_id, cidr=IPv4Network("10.1.8.0/21"),
            callers_table_id="tgw-rtb-1", endpoints_table_id="tgw-rtb-2", from_another_account=True,
        ), pulumi.ResourceOptions(provider=network_account))
    """

    attachment_id: pulumi.Output[str]
    """Id of the attachment, known once endpoints can be reached through it."""

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
