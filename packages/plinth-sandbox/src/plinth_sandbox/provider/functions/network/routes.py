"""Route tables: routes have no id, and an association's id changes when it moves to another table."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
"""Request member by property of a route."""

TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
    "carrierGatewayId": "CarrierGatewayId",
    "coreNetworkArn": "CoreNetworkArn",
    "localGatewayId": "LocalGatewayId",
    "vpcEndpointId": "VpcEndpointId",
}
"""Request member by property of a route."""

_DESTINATIONS_INSIDE = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
"""Members by property in the `routes` of a table, where destinations have other names."""

OWN_ROUTES = "Routes[?Origin=='CreateRoute' && !starts_with(not_null(GatewayId, ''), 'vpce-')]"
"""Filter for routes that somebody created: neither the local route nor routes of gateway endpoints."""


def create_route(caller: Caller, known: Properties) -> Properties:
    """Creates a route. Its id is the import id of the vendor's provider: table and destination."""
    request = _members(known, DESTINATIONS) | _members(known, TARGETS)
    caller.aws("create_route", RouteTableId=known["routeTableId"], **request)
    return {"id": f"{known['routeTableId']}_{_destination(request)}"}


def read_route(caller: Caller, known: Properties) -> Properties | None:
    """Returns the route of a table with the destination in the id."""
    table, _, destination = known["id"].partition("_")
    found = caller.aws("describe_route_tables", RouteTableIds=[table])["RouteTables"]
    routes = [route for found_table in found for route in found_table["Routes"] if _destination(route) == destination]
    if not routes:
        return None
    route = routes[0]
    properties = {name: route.get(member) for name, member in {**DESTINATIONS, **TARGETS}.items()}
    if str(properties["gatewayId"]).startswith("vpce-"):
        # EC2 returns the endpoint of a firewall as a gateway id.
        properties |= {"vpcEndpointId": properties["gatewayId"], "gatewayId": None}
    return {**properties, "routeTableId": table, "origin": route.get("Origin"), "state": route.get("State")}


def replace_route(caller: Caller, known: Properties) -> None:
    """Changes the target of a route, which EC2 identifies by its destination."""
    request = _members(known, DESTINATIONS) | _members(known, TARGETS)
    caller.aws("replace_route", RouteTableId=known["routeTableId"], **request)


def delete_route(caller: Caller, known: Properties) -> None:
    """Deletes a route, which EC2 identifies by its destination."""
    caller.aws("delete_route", RouteTableId=known["routeTableId"], **_members(known, DESTINATIONS))


def set_routes(caller: Caller, known: Properties) -> None:
    """Makes the routes of a table equal to its `routes` property."""
    (table,) = caller.aws("describe_route_tables", RouteTableIds=[known["id"]])["RouteTables"]
    wanted = [_members(route, _DESTINATIONS_INSIDE) | _members(route, TARGETS) for route in known.get("routes") or []]
    present = [route for route in table["Routes"] if _is_own(route)]
    for route in present:
        if not any(_same(route, other) for other in wanted):
            target = {member: route[member] for member in DESTINATIONS.values() if member in route}
            caller.aws("delete_route", RouteTableId=known["id"], **target)
    for route in wanted:
        if not any(_same(route, other) for other in present):
            caller.aws("create_route", RouteTableId=known["id"], **route)


def read_association(caller: Caller, known: Properties) -> Properties | None:
    """Returns the route table association of a subnet. An import does not know the subnet yet, so it looks up the
    association's id."""
    association = _association(caller, known)
    if association is None:
        return None
    return {"routeTableId": association["RouteTableId"], "subnetId": association["SubnetId"]}


def replace_association(caller: Caller, known: Properties) -> None:
    """Associates a subnet with another table, without an interval in which it has none."""
    current = _current_id(caller, known)
    caller.aws("replace_route_table_association", AssociationId=current, RouteTableId=known["routeTableId"])


def delete_association(caller: Caller, known: Properties) -> None:
    """Deletes the association. The subnet then uses the main table."""
    caller.aws("disassociate_route_table", AssociationId=_current_id(caller, known))


def _current_id(caller: Caller, known: Properties) -> str:
    association = _association(caller, known)
    return str(association["RouteTableAssociationId"] if association else known["id"])


def _association(caller: Caller, known: Properties) -> dict[str, Any] | None:
    member, value, search = "RouteTableAssociationId", known["id"], "association.route-table-association-id"
    if known.get("subnetId"):
        member, value, search = "SubnetId", known["subnetId"], "association.subnet-id"
    tables = caller.aws("describe_route_tables", Filters=[{"Name": search, "Values": [value]}])["RouteTables"]
    associations = [association for table in tables for association in table["Associations"]]
    return next((association for association in associations if association.get(member) == value), None)


def _members(properties: Properties, names: dict[str, str]) -> Properties:
    return {member: properties[name] for name, member in names.items() if properties.get(name)}


def _destination(route: Properties) -> str | None:
    return next((route[member] for member in DESTINATIONS.values() if route.get(member)), None)


def _same(route: Properties, other: Properties) -> bool:
    return all(route.get(member) == other.get(member) for member in (*DESTINATIONS.values(), *TARGETS.values()))


def _is_own(route: Properties) -> bool:
    return route.get("Origin") == "CreateRoute" and not route.get("GatewayId", "").startswith("vpce-")
