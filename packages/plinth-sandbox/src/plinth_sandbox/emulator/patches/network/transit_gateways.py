"""Transit gateways that several accounts share. moto keeps attachments within one account."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.transit_gateway import TransitGateway
from moto.ec2.models.transit_gateway_attachments import TransitGatewayVpcAttachment
from moto.ram.models import ram_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def gateway_of(call: Call, identifier: str) -> TransitGateway:
    """Returns a transit gateway of the caller, or one that its owner shares with the caller."""
    for account in [call.account, *(other for other in ec2_backends if other != call.account)]:
        gateway: TransitGateway | None = ec2_backends[account][call.region].transit_gateways.get(identifier)
        if gateway is not None and (account == call.account or _is_shared(gateway, call)):
            return gateway
    message = f"Transit Gateway {identifier} was deleted or does not exist."
    raise AwsError("InvalidTransitGatewayID.NotFound", message)


def _is_shared(gateway: TransitGateway, call: Call) -> bool:
    shares = ram_backends[gateway.owner_id][call.region].resource_shares
    return any(
        share.status == "ACTIVE"
        and gateway.arn in share.resource_arns
        and any(principal == call.account or ":organization/" in principal for principal in share.principals)
        for share in shares
    )


def _create(exchange: Exchange) -> Answer:
    """Creates an attachment. The gateway's owner must accept it, unless the owner is the caller or accepts
    automatically."""
    call = exchange.call
    gateway = gateway_of(call, call.parameters["TransitGatewayId"])
    own, owners = _attachments(call.account, call.region), _attachments(gateway.owner_id, call.region)
    _refuse_a_second(own, gateway, call)
    attachment = TransitGatewayVpcAttachment(
        ec2_backends[call.account][call.region],
        transit_gateway=gateway,
        vpc_id=call.parameters["VpcId"],
        subnet_ids=list(call.parameters["SubnetIds"]),
        options=call.parameters.get("Options"),
    )
    accepted = gateway.owner_id == call.account or gateway.options["AutoAcceptSharedAttachments"] == "enable"
    attachment.state = "available" if accepted else "pendingAcceptance"
    # moto adds every attachment to the gateway's default route table, even if the gateway disables that.
    attachment.transit_gateway_route_table = None
    if gateway.options["DefaultRouteTableAssociation"] == "enable":
        attachment.transit_gateway_route_table = gateway.default_route_table
    own[attachment.id] = owners[attachment.id] = attachment
    for specification in call.parameters.get("TagSpecifications", []):
        tags = {tag["Key"]: tag["Value"] for tag in specification.get("Tags", [])}
        ec2_backends[call.account][call.region].create_tags([attachment.id], tags)
    return _described(call, attachment)


def _refuse_a_second(own: dict[str, Any], gateway: TransitGateway, call: Call) -> None:
    vpc = call.parameters["VpcId"]
    if any((a.transit_gateway_id, a.resource_id) == (gateway.id, vpc) for a in own.values()):
        message = f"{gateway.id} has non-deleted Transit Gateway Attachments with same VPC ID."
        raise AwsError("DuplicateTransitGatewayAttachment", message)


def _accept(exchange: Exchange) -> Answer:
    """Accepts an attachment. Only the gateway's account may do so."""
    call = exchange.call
    attachment = _attachment(call)
    if attachment.transit_gateway_id not in ec2_backends[call.account][call.region].transit_gateways:
        raise AwsError("UnauthorizedOperation", "You are not authorized to perform this operation.")
    if attachment.state != "pendingAcceptance":
        raise AwsError("IncorrectState", f"{attachment.id} is in invalid state {attachment.state}.")
    attachment.state = "available"
    return _described(call, attachment)


def _delete(exchange: Exchange) -> Answer:
    """Deletes an attachment for both accounts. Either of them may do so."""
    call = exchange.call
    attachment = _attachment(call)
    attachment.state = "deleted"
    for account in ec2_backends:
        _attachments(account, call.region).pop(attachment.id, None)
    return _described(call, attachment)


def _describe(exchange: Exchange) -> Answer:
    """Describes attachments with the caller's own tags. moto shows those of the VPC's account."""

    def retag(result: dict[str, Any]) -> None:
        for described in result.get("TransitGatewayVpcAttachments", []):
            described["Tags"] = _tags(exchange.call, described["TransitGatewayAttachmentId"])

    return exchange.amend(retag)


def _search(exchange: Exchange) -> Answer:
    """Adds the targets of routes, which moto's answer lacks."""
    call = exchange.call
    tables = ec2_backends[call.account][call.region].transit_gateways_route_tables

    def complete(result: dict[str, Any]) -> None:
        known = tables[call.parameters["TransitGatewayRouteTableId"]].routes
        for route in result.get("Routes", []):
            to = known[route["DestinationCidrBlock"]].get("transitGatewayAttachments")
            members = {name[:1].upper() + name[1:]: value for name, value in (to or {}).items()}
            route["TransitGatewayAttachments"] = [members] if members else []

    return exchange.amend(complete)


def _delete_gateway(exchange: Exchange) -> Answer:
    call = exchange.call
    if call.parameters["TransitGatewayId"] not in ec2_backends[call.account][call.region].transit_gateways:
        message = f"Transit Gateway {call.parameters['TransitGatewayId']} was deleted or does not exist."
        raise AwsError("InvalidTransitGatewayID.NotFound", message)
    return exchange.below()


def _delete_route(exchange: Exchange) -> Answer:
    call = exchange.call
    table = ec2_backends[call.account][call.region].transit_gateways_route_tables.get(
        call.parameters["TransitGatewayRouteTableId"]
    )
    if table is None or call.parameters["DestinationCidrBlock"] not in table.routes:
        raise AwsError("InvalidRoute.NotFound", "There is no route to that destination in the route table.")
    return exchange.below()


def _disassociate(exchange: Exchange) -> Answer:
    call = exchange.call
    if call.parameters["TransitGatewayAttachmentId"] not in _associations(call):
        raise AwsError("InvalidAssociation.NotFound", "There is no association of that attachment and route table.")
    return exchange.below()


def _associations(call: Call) -> dict[str, Any]:
    made: dict[str, Any] = ec2_backends[call.account][call.region].transit_gateway_associations
    return made


def _attachments(account: str, region: str) -> dict[str, Any]:
    kept: dict[str, Any] = ec2_backends[account][region].transit_gateway_attachments
    return kept


def _attachment(call: Call) -> Any:
    identifier = call.parameters["TransitGatewayAttachmentId"]
    attachment = _attachments(call.account, call.region).get(identifier)
    if attachment is None:
        message = f"Transit Gateway Attachment {identifier} was deleted or does not exist."
        raise AwsError("InvalidTransitGatewayAttachmentID.NotFound", message)
    return attachment


def _tags(call: Call, identifier: str) -> list[dict[str, str]]:
    tags = ec2_backends[call.account][call.region].tags.get(identifier, {})
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _described(call: Call, attachment: TransitGatewayVpcAttachment) -> Answer:
    return call.reply(
        {
            "TransitGatewayVpcAttachment": {
                "TransitGatewayAttachmentId": attachment.id,
                "TransitGatewayId": attachment.transit_gateway_id,
                "VpcId": attachment.vpc_id,
                "VpcOwnerId": attachment.vpc_owner_id,
                "State": attachment.state,
                "SubnetIds": attachment.subnet_ids,
                "Options": attachment.options,
                "Tags": _tags(call, attachment.id),
            }
        }
    )


PATCHES: Patches = {
    "AcceptTransitGatewayVpcAttachment": _accept,
    "CreateTransitGatewayVpcAttachment": _create,
    "DeleteTransitGateway": _delete_gateway,
    "DeleteTransitGatewayRoute": _delete_route,
    "DeleteTransitGatewayVpcAttachment": _delete,
    "DescribeTransitGatewayVpcAttachments": _describe,
    "DisassociateTransitGatewayRouteTable": _disassociate,
    "SearchTransitGatewayRoutes": _search,
}
