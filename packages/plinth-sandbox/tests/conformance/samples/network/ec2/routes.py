"""Samples of route tables, routes and associations."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Need, Sample
from conformance.samples.network.ec2.prerequisites import GATEWAY, ROUTE_TABLE, SUBNET, VPC, tags_of

_OUT = "0.0.0.0/0"
_FIREWALL_ENDPOINT: Need = (
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    {
        "vpcId": "{vpc.id}",
        "serviceName": "{offered.gateway_service}",
        "vpcEndpointType": "GatewayLoadBalancer",
    },
)
_TRANSIT_GATEWAY: Need = ("aws:ec2transitgateway/transitGateway:TransitGateway", {})


def _table(aws: Aws, it: Kept) -> dict[str, Any]:
    (table,) = aws("ec2").describe_route_tables(RouteTableIds=[it.id])["RouteTables"]
    routes = {route["DestinationCidrBlock"]: route.get("GatewayId") for route in table["Routes"]}
    return {"vpc": table["VpcId"], "routes": routes, "tags": tags_of(table)}


def _route(aws: Aws, it: Kept) -> list[dict[str, str]]:
    (table,) = aws("ec2").describe_route_tables(RouteTableIds=[it.outputs["routeTableId"]])["RouteTables"]
    kept = ("GatewayId", "NatGatewayId", "TransitGatewayId")
    return [
        {member: route[member] for member in kept if member in route}
        for route in table["Routes"]
        if route["DestinationCidrBlock"] == _OUT
    ]


def _association(aws: Aws, it: Kept) -> list[str]:
    subnet = it.outputs["subnetId"]
    found = aws("ec2").describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])
    return [table["RouteTableId"] for table in found["RouteTables"]]


def _associations(aws: Aws, it: Kept) -> list[str]:
    (table,) = aws("ec2").describe_route_tables(RouteTableIds=[it.outputs["routeTableId"]])["RouteTables"]
    return [association["RouteTableAssociationId"] for association in table["Associations"]]


SAMPLES = [
    Sample(
        type="aws:ec2/routeTable:RouteTable",
        needs={"vpc": VPC, "gateway": GATEWAY},
        inputs={
            "vpcId": "{vpc.id}",
            "routes": [{"cidrBlock": "192.0.2.0/24", "gatewayId": "{gateway.id}"}],
            "tags": {"Name": "before"},
        },
        look=_table,
        seen={
            "vpc": "{vpc.id}",
            "routes": {"10.0.0.0/16": "local", "192.0.2.0/24": "{gateway.id}"},
            "tags": {"from": "provider", "Name": "before"},
        },
        change={"routes": [{"cidrBlock": _OUT, "gatewayId": "{gateway.id}"}], "tags": {"Name": "after"}},
        seen_changed={
            "vpc": "{vpc.id}",
            "routes": {"10.0.0.0/16": "local", _OUT: "{gateway.id}"},
            "tags": {"from": "provider", "Name": "after"},
        },
        replace={"vpcId": "vpc-0123456789abcdef0"},
        drift=lambda aws, it: aws("ec2").delete_route(RouteTableId=it.id, DestinationCidrBlock="192.0.2.0/24"),
        drifts="routes",
        remove=lambda aws, it: aws("ec2").delete_route_table(RouteTableId=it.id),
    ),
    Sample(
        type="aws:ec2/defaultRouteTable:DefaultRouteTable",
        needs={"vpc": VPC, "gateway": GATEWAY},
        inputs={
            "defaultRouteTableId": "{vpc.outputs.defaultRouteTableId}",
            "routes": [],
            "tags": {"Name": "unused"},
        },
        look=_table,
        seen={
            "vpc": "{vpc.id}",
            "routes": {"10.0.0.0/16": "local"},
            "tags": {"from": "provider", "Name": "unused"},
        },
        change={"routes": [{"cidrBlock": _OUT, "gatewayId": "{gateway.id}"}]},
        seen_changed={
            "vpc": "{vpc.id}",
            "routes": {"10.0.0.0/16": "local", _OUT: "{gateway.id}"},
            "tags": {"from": "provider", "Name": "unused"},
        },
        replace={"defaultRouteTableId": "rtb-0123456789abcdef0"},
        drift=lambda aws, it: aws("ec2").create_route(
            RouteTableId=it.id, DestinationCidrBlock=_OUT, GatewayId=it.known["gateway"].id
        ),
        drifts="routes",
    ),
    Sample(
        type="aws:ec2/route:Route",
        needs={
            "vpc": VPC,
            "gateway": GATEWAY,
            "table": ROUTE_TABLE,
            "subnet": SUBNET,
            "address": ("aws:ec2/eip:Eip", {"domain": "vpc"}),
            "nat": (
                "aws:ec2/natGateway:NatGateway",
                {"subnetId": "{subnet.id}", "allocationId": "{address.id}"},
            ),
        },
        inputs={"routeTableId": "{table.id}", "destinationCidrBlock": _OUT, "gatewayId": "{gateway.id}"},
        look=_route,
        seen=[{"GatewayId": "{gateway.id}"}],
        change={"gatewayId": None, "natGatewayId": "{nat.id}"},
        seen_changed=[{"NatGatewayId": "{nat.id}"}],
        replace={"destinationCidrBlock": "192.0.2.0/24"},
        drift=lambda aws, it: aws("ec2").replace_route(
            RouteTableId=it.outputs["routeTableId"], DestinationCidrBlock=_OUT, NatGatewayId=it.known["nat"].id
        ),
        drifts="gatewayId",
        remove=lambda aws, it: aws("ec2").delete_route(
            RouteTableId=it.outputs["routeTableId"], DestinationCidrBlock=_OUT
        ),
    ),
    Sample(
        type="aws:ec2/route:Route",
        needs={"vpc": VPC, "table": ROUTE_TABLE, "endpoint": _FIREWALL_ENDPOINT, "transit": _TRANSIT_GATEWAY},
        inputs={
            "routeTableId": "{table.id}",
            "destinationCidrBlock": _OUT,
            "vpcEndpointId": "{endpoint.id}",
        },
        look=_route,
        seen=[{"GatewayId": "{endpoint.id}"}],
        change={"vpcEndpointId": None, "transitGatewayId": "{transit.id}"},
        seen_changed=[{"TransitGatewayId": "{transit.id}"}],
        remove=lambda aws, it: aws("ec2").delete_route(
            RouteTableId=it.outputs["routeTableId"], DestinationCidrBlock=_OUT
        ),
    ),
    Sample(
        type="aws:ec2/routeTableAssociation:RouteTableAssociation",
        needs={"vpc": VPC, "subnet": SUBNET, "table": ROUTE_TABLE, "other": ROUTE_TABLE},
        inputs={"routeTableId": "{table.id}", "subnetId": "{subnet.id}"},
        look=_association,
        seen=["{table.id}"],
        change={"routeTableId": "{other.id}"},
        seen_changed=["{other.id}"],
        replace={"subnetId": "subnet-0123456789abcdef0"},
        drift=lambda aws, it: aws("ec2").replace_route_table_association(
            AssociationId=it.id, RouteTableId=it.known["other"].id
        ),
        drifts="routeTableId",
        remove=lambda aws, it: aws("ec2").disassociate_route_table(AssociationId=_associations(aws, it)[0]),
    ),
]
