"""Route tables, routes and route table associations."""

from __future__ import annotations

from dataclasses import replace

from plinth_sandbox.provider.catalog.network.ec2.tagging import TAGS, arn_of, created_as
from plinth_sandbox.provider.functions.network.routes import (
    DESTINATIONS,
    OWN_ROUTES,
    TARGETS,
    create_route,
    delete_association,
    delete_route,
    read_association,
    read_route,
    replace_association,
    replace_route,
    set_routes,
)
from plinth_sandbox.provider.vocabulary import Call, Resource, Update

READ_TABLE = Call(
    "describe_route_tables",
    {"RouteTableIds": ["{id}"]},
    within="RouteTables[0]",
    carries=["vpcId", "ownerId", "tags"],
    gives={"routes": f"RouteTables[0].{OWN_ROUTES}"},
)

IN_A_TABLE = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
}

ROUTE_TABLE = Resource(
    type="aws:ec2/routeTable:RouteTable",
    create=Call("create_route_table", gives={"id": "RouteTable.RouteTableId"}),
    read=READ_TABLE,
    update=[Update(set_routes, carries=["routes"])],
    delete=Call("delete_route_table", {"RouteTableId": "{id}"}),
    renames=IN_A_TABLE,
    derived=arn_of("route-table"),
    computed=["routes"],
    name=None,
    tags=created_as("route-table"),
)

DEFAULT_ROUTE_TABLE = Resource(
    type="aws:ec2/defaultRouteTable:DefaultRouteTable",
    # The table exists already. Adopting it removes the routes that the program does not list.
    create=Call(
        "describe_route_tables",
        {"RouteTableIds": ["{defaultRouteTableId}"]},
        carries=["defaultRouteTableId"],
        gives={"id": "RouteTables[0].RouteTableId"},
    ),
    read=replace(READ_TABLE, gives={**READ_TABLE.gives, "defaultRouteTableId": "RouteTables[0].RouteTableId"}),
    update=[Update(set_routes, carries=["routes"], always=True)],
    delete=None,  # it is deleted with its VPC
    renames=IN_A_TABLE,
    derived=arn_of("route-table"),
    computed=["routes"],
    name=None,
    tags=TAGS,
)

ROUTE = Resource(
    type="aws:ec2/route:Route",
    create=create_route,
    creates=["routeTableId", *DESTINATIONS, *TARGETS],
    read=read_route,
    update=[Update(replace_route, carries=[*TARGETS])],
    delete=delete_route,
    exactly_one=[
        ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"],
        [
            "carrierGatewayId",
            "coreNetworkArn",
            "egressOnlyGatewayId",
            "gatewayId",
            "localGatewayId",
            "natGatewayId",
            "networkInterfaceId",
            "transitGatewayId",
            "vpcEndpointId",
            "vpcPeeringConnectionId",
        ],
    ],
    name=None,
)

ROUTE_TABLE_ASSOCIATION = Resource(
    type="aws:ec2/routeTableAssociation:RouteTableAssociation",
    create=Call("associate_route_table", carries=["routeTableId", "subnetId"], gives={"id": "AssociationId"}),
    read=read_association,
    update=[Update(replace_association, carries=["routeTableId"])],
    delete=delete_association,
    exactly_one=[["subnetId", "gatewayId"]],
    name=None,
)
