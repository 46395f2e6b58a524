"""Route tables of transit gateways: associations, propagations and routes. moto checks none of them.

Sources: EC2 API, AssociateTransitGatewayRouteTable, CreateTransitGatewayRoute and DeleteTransitGatewayRouteTable (read
2026-11-29); the text of a refusal in github.com/hashicorp/terraform-provider-aws/issues/16452. The code for a route
table with associations is the one that EC2 uses for gateways with attachments.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.ec2.patches.transit_gateways import attachment_of


def _search(exchange: Exchange) -> Answer:
    """Adds the targets of routes, which moto's answer lacks."""
    call = exchange.call
    tables = ec2_backends[call.account][call.region].transit_gateways_route_tables

    def complete(result: dict[str, Any]) -> None:
        known = tables[call.parameters["TransitGatewayRouteTableId"]].routes
        for route in result.get("Routes", []):
            route["TransitGatewayAttachments"] = _targets(known[route["DestinationCidrBlock"]])

    return exchange.amend(complete)


def _create_route(exchange: Exchange) -> Answer:
    call = exchange.call
    table, destination = _table(call), call.parameters["DestinationCidrBlock"]
    if call.parameters.get("TransitGatewayAttachmentId"):
        attachment_of(call)
    if destination in table.routes:
        raise AwsError("RouteAlreadyExists", f"Route {destination} already exists in Transit Gateway Route Table.")

    def add_the_target(result: dict[str, Any]) -> None:
        result["Route"]["TransitGatewayAttachments"] = _targets(table.routes[destination])

    return exchange.amend(add_the_target)


def _delete_route(exchange: Exchange) -> Answer:
    call = exchange.call
    if call.parameters["DestinationCidrBlock"] not in _table(call).routes:
        raise AwsError("InvalidRoute.NotFound", "There is no route to that destination in the route table.")
    return exchange.below()


def _delete_table(exchange: Exchange) -> Answer:
    table = _table(exchange.call)
    if table.route_table_associations:
        raise AwsError("IncorrectState", f"{table.id} has associations with Transit Gateway Attachments.")
    return exchange.below()


def _associate(exchange: Exchange) -> Answer:
    call = exchange.call
    table, attachment = _table(call), attachment_of(call)
    if attachment.id in _associations(call):
        message = f"Transit Gateway Attachment {attachment.id} is already associated to a route table."
        raise AwsError("Resource.AlreadyAssociated", message)
    answer = exchange.below()
    attachment.transit_gateway_route_table = table
    return answer


def _disassociate(exchange: Exchange) -> Answer:
    call = exchange.call
    made = _associations(call).get(call.parameters["TransitGatewayAttachmentId"])
    if made is None or made.transit_gateway_route_table_id != call.parameters["TransitGatewayRouteTableId"]:
        raise AwsError("InvalidAssociation.NotFound", "There is no association of that attachment and route table.")
    attachment_of(call).transit_gateway_route_table = None
    return exchange.below()


def _propagate(exchange: Exchange) -> Answer:
    call = exchange.call
    table, attachment = _table(call), attachment_of(call)
    if any(propagation.transitGatewayAttachmentId == attachment.id for propagation in table.route_table_propagation):
        message = f"Propagation of {attachment.id} into {table.id} already exists."
        raise AwsError("TransitGatewayRouteTablePropagation.Duplicate", message)
    return exchange.below()


def _stop_propagation(exchange: Exchange) -> Answer:
    call = exchange.call
    table, identifier = _table(call), call.parameters["TransitGatewayAttachmentId"]
    if not any(propagation.transitGatewayAttachmentId == identifier for propagation in table.route_table_propagation):
        message = f"There is no propagation of {identifier} into {table.id}."
        raise AwsError("TransitGatewayRouteTablePropagation.NotFound", message)
    return exchange.below()


def _associations(call: Call) -> dict[str, Any]:
    made: dict[str, Any] = ec2_backends[call.account][call.region].transit_gateway_associations
    return made


def _table(call: Call) -> Any:
    identifier = call.parameters["TransitGatewayRouteTableId"]
    table = ec2_backends[call.account][call.region].transit_gateways_route_tables.get(identifier)
    if table is None or table.state == "deleted":
        message = f"Transit Gateway Route Table {identifier} was deleted or does not exist."
        raise AwsError("InvalidRouteTableID.NotFound", message)
    return table


def _targets(route: dict[str, Any]) -> list[dict[str, str]]:
    to = route.get("transitGatewayAttachments") or {}
    members = {name[:1].upper() + name[1:]: value for name, value in to.items()}
    return [members] if members else []


PATCHES: Patches = {
    "AssociateTransitGatewayRouteTable": _associate,
    "CreateTransitGatewayRoute": _create_route,
    "DeleteTransitGatewayRoute": _delete_route,
    "DeleteTransitGatewayRouteTable": _delete_table,
    "DisableTransitGatewayRouteTablePropagation": _stop_propagation,
    "DisassociateTransitGatewayRouteTable": _disassociate,
    "EnableTransitGatewayRouteTablePropagation": _propagate,
    "SearchTransitGatewayRoutes": _search,
}
