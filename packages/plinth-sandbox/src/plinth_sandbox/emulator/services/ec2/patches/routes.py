"""EC2 routes to targets that moto does not support: a transit gateway of another account, and a firewall endpoint."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.ec2.patches.transit_gateways import gateway_of


def _set_target(exchange: Exchange) -> Answer:
    """Sets the target of a route. moto finds only the caller's own transit gateways, and never removes a firewall
    endpoint."""
    call = exchange.call
    wanted = call.parameters.get("TransitGatewayId")
    gateway = gateway_of(call, wanted) if wanted else None
    answer = exchange.below()
    if answer.succeeded:
        route = _route(call)
        route.transit_gateway, route.vpc_endpoint_id = gateway, call.parameters.get("VpcEndpointId")
    return answer


def _route(call: Call) -> Any:
    destination = call.parameters.get("DestinationCidrBlock")
    table = ec2_backends[call.account][call.region].get_route_table(call.parameters["RouteTableId"])
    found = (route for route in table._routes.values() if route.destination_cidr_block == destination)
    return next(route for route in found if not route.local)


def _patch(exchange: Exchange) -> Answer:
    parameters = exchange.call.parameters
    concerned = parameters.get("DestinationCidrBlock") and (
        exchange.call.name == "ReplaceRoute" or "TransitGatewayId" in parameters
    )
    return _set_target(exchange) if concerned else exchange.below()


PATCHES: Patches = {"CreateRoute": _patch, "ReplaceRoute": _patch}
