"""Transit gateways that several accounts share. moto keeps attachments within one account, and checks no order.

Sources: EC2 API, CreateTransitGateway and DeleteTransitGateway (read 2026-11-29); the text of a refusal in
github.com/rebuy-de/aws-nuke/issues/961.
"""

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
    own[attachment.id] = owners[attachment.id] = attachment
    if accepted:
        _use_default_tables(gateway, attachment)
    for specification in call.parameters.get("TagSpecifications", []):
        tags = {tag["Key"]: tag["Value"] for tag in specification.get("Tags", [])}
        ec2_backends[call.account][call.region].create_tags([attachment.id], tags)
    return _described(call, attachment)


def _use_default_tables(gateway: TransitGateway, attachment: TransitGatewayVpcAttachment) -> None:
    """Associates a new attachment with the default route table, and lets it propagate into that table."""
    backend, table = gateway.ec2_backend, gateway.default_route_table
    if gateway.options["DefaultRouteTableAssociation"] == "enable":
        attachment.transit_gateway_route_table = table
        backend.associate_transit_gateway_route_table(attachment.id, table.id)
    if gateway.options["DefaultRouteTablePropagation"] == "enable":
        backend.enable_transit_gateway_route_table_propagation(attachment.id, table.id)


def _refuse_a_second(own: dict[str, Any], gateway: TransitGateway, call: Call) -> None:
    vpc = call.parameters["VpcId"]
    if any((a.transit_gateway_id, a.resource_id) == (gateway.id, vpc) for a in own.values()):
        message = f"{gateway.id} has non-deleted Transit Gateway Attachments with same VPC ID."
        raise AwsError("DuplicateTransitGatewayAttachment", message)


def _accept(exchange: Exchange) -> Answer:
    """Accepts an attachment. Only the gateway's account may do so."""
    call = exchange.call
    attachment = attachment_of(call)
    if attachment.transit_gateway_id not in ec2_backends[call.account][call.region].transit_gateways:
        raise AwsError("UnauthorizedOperation", "You are not authorized to perform this operation.")
    if attachment.state != "pendingAcceptance":
        raise AwsError("IncorrectState", f"{attachment.id} is in invalid state {attachment.state}.")
    attachment.state = "available"
    _use_default_tables(gateway_of(call, attachment.transit_gateway_id), attachment)
    return _described(call, attachment)


def _delete(exchange: Exchange) -> Answer:
    """Deletes an attachment for both accounts. Either of them may do so."""
    call = exchange.call
    attachment = attachment_of(call)
    attachment.state = "deleted"
    for account in ec2_backends:
        _attachments(account, call.region).pop(attachment.id, None)
        _forget(ec2_backends[account][call.region], attachment.id)
    return _described(call, attachment)


def _forget(backend: Any, identifier: str) -> None:
    """Removes a deleted attachment from the route tables. Its routes lead nowhere from then on."""
    backend.transit_gateway_associations.pop(identifier, None)
    backend.transit_gateway_propagations.pop(identifier, None)
    for table in backend.transit_gateways_route_tables.values():
        table.route_table_associations.pop(identifier, None)
        table.route_table_propagation = [
            propagation
            for propagation in table.route_table_propagation
            if propagation.transitGatewayAttachmentId != identifier
        ]
        for route in table.routes.values():
            if (route.get("transitGatewayAttachments") or {}).get("transitGatewayAttachmentId") == identifier:
                route["state"] = "blackhole"


def _describe(exchange: Exchange) -> Answer:
    """Describes attachments with the caller's own tags. moto shows those of the VPC's account."""

    def retag(result: dict[str, Any]) -> None:
        for described in result.get("TransitGatewayVpcAttachments", []):
            described["Tags"] = _tags(exchange.call, described["TransitGatewayAttachmentId"])

    return exchange.amend(retag)


def _create_gateway(exchange: Exchange) -> Answer:
    """Creates a gateway with the default route tables that its options ask for. moto always creates one."""
    answer = exchange.below()
    if not answer.succeeded:
        return answer
    result = exchange.call.result(answer)["TransitGateway"]
    backend = ec2_backends[exchange.call.account][exchange.call.region]
    gateway = backend.transit_gateways[result["TransitGatewayId"]]
    table = gateway.default_route_table
    wanted = {way: gateway.options[f"DefaultRouteTable{way}"] == "enable" for way in ("Association", "Propagation")}
    table.default_association_route_table = wanted["Association"]
    table.default_propagation_route_table = wanted["Propagation"]
    for way in (way for way, is_wanted in wanted.items() if not is_wanted):
        gateway.options.pop(f"{way}DefaultRouteTableId")
        result["Options"].pop(f"{way}DefaultRouteTableId", None)
    if not any(wanted.values()):
        del backend.transit_gateways_route_tables[table.id]
        gateway.default_route_table = None
    return exchange.call.reply({"TransitGateway": result})


def _delete_gateway(exchange: Exchange) -> Answer:
    call = exchange.call
    identifier = call.parameters["TransitGatewayId"]
    if identifier not in ec2_backends[call.account][call.region].transit_gateways:
        message = f"Transit Gateway {identifier} was deleted or does not exist."
        raise AwsError("InvalidTransitGatewayID.NotFound", message)
    left = [
        attachment.id
        for attachment in _attachments(call.account, call.region).values()
        if attachment.transit_gateway_id == identifier and attachment.state not in _ENDED
    ]
    if left:
        raise AwsError("IncorrectState", f"{identifier} has non-deleted VPC Attachments: {', '.join(left)}.")

    def say_that_it_ends(result: dict[str, Any]) -> None:
        result["TransitGateway"]["State"] = "deleting"

    return exchange.amend(say_that_it_ends)


_ENDED = ("deleted", "rejected", "failed")


def _attachments(account: str, region: str) -> dict[str, Any]:
    kept: dict[str, Any] = ec2_backends[account][region].transit_gateway_attachments
    return kept


def attachment_of(call: Call) -> Any:
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
    tags = _tags(call, attachment.id)
    return call.reply(
        {
            "TransitGatewayVpcAttachment": {
                "TransitGatewayAttachmentId": attachment.id,
                "TransitGatewayId": attachment.transit_gateway_id,
                "VpcId": attachment.vpc_id,
                "VpcOwnerId": attachment.vpc_owner_id,
                "State": attachment.state,
                "CreationTime": attachment._created_at,
                "SubnetIds": attachment.subnet_ids,
                "Options": attachment.options,
                **({"Tags": tags} if tags else {}),
            }
        }
    )


PATCHES: Patches = {
    "AcceptTransitGatewayVpcAttachment": _accept,
    "CreateTransitGateway": _create_gateway,
    "CreateTransitGatewayVpcAttachment": _create,
    "DeleteTransitGateway": _delete_gateway,
    "DeleteTransitGatewayVpcAttachment": _delete,
    "DescribeTransitGatewayVpcAttachments": _describe,
}
