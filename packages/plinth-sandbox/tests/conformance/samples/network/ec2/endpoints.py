"""Samples of VPC endpoints: gateway and interface."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.network.ec2.prerequisites import ROUTE_TABLE, SECURITY_GROUP, SUBNET, VPC, tags_of

_OTHER_SUBNET = ("aws:ec2/subnet:Subnet", {"vpcId": "{vpc.id}", "cidrBlock": "10.0.2.0/24"})


def _policy(sid: str) -> str:
    statement = {"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": ["s3:GetObject"], "Resource": ["*"]}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _endpoint(aws: Aws, it: Kept) -> dict[str, Any]:
    (endpoint,) = aws("ec2").describe_vpc_endpoints(VpcEndpointIds=[it.id])["VpcEndpoints"]
    return {
        "type": endpoint["VpcEndpointType"],
        "service": endpoint["ServiceName"],
        "tables": endpoint.get("RouteTableIds", []),
        "subnets": endpoint.get("SubnetIds", []),
        "groups": [group["GroupId"] for group in endpoint.get("Groups", [])],
        "private names": endpoint.get("PrivateDnsEnabled"),
        "sid": json.loads(endpoint["PolicyDocument"])["Statement"][0].get("Sid"),
        "tags": tags_of(endpoint),
    }


def _gateway(aws: Aws, it: Kept) -> dict[str, Any]:
    """Returns the endpoint with the route tables that route to its prefix list."""
    tables = aws("ec2").describe_route_tables()["RouteTables"]
    leading = [
        table["RouteTableId"]
        for table in tables
        for route in table["Routes"]
        if route.get("DestinationPrefixListId") == it.outputs["prefixListId"] and route["GatewayId"] == it.id
    ]
    return {**_endpoint(aws, it), "leading": leading}


_GATEWAY = {
    "type": "Gateway",
    "service": "com.amazonaws.eu-west-1.s3",
    "tables": ["{table.id}"],
    "subnets": [],
    "groups": [],
    "private names": False,
    "sid": "Before",
    "tags": {"from": "provider", "Name": "before"},
    "leading": ["{table.id}"],
}
_INTERFACE = {
    "type": "Interface",
    "service": "com.amazonaws.eu-west-1.sagemaker.api",
    "tables": [],
    "subnets": ["{subnet.id}"],
    "groups": ["{group.id}"],
    "private names": True,
    "sid": "Before",
    "tags": {"from": "provider", "Name": "before"},
}

SAMPLES = [
    Sample(
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        needs={"vpc": VPC, "table": ROUTE_TABLE, "other": ROUTE_TABLE},
        inputs={
            "vpcId": "{vpc.id}",
            "serviceName": "com.amazonaws.eu-west-1.s3",
            "vpcEndpointType": "Gateway",
            "routeTableIds": ["{table.id}"],
            "policy": _policy("Before"),
            "tags": {"Name": "before"},
        },
        look=_gateway,
        seen=_GATEWAY,
        change={"routeTableIds": ["{other.id}"], "policy": _policy("After"), "tags": {"Name": "after"}},
        seen_changed={
            **_GATEWAY,
            "tables": ["{other.id}"],
            "leading": ["{other.id}"],
            "sid": "After",
            "tags": {"from": "provider", "Name": "after"},
        },
        replace={"serviceName": "com.amazonaws.eu-west-1.dynamodb"},
        drift=lambda aws, it: aws("ec2").modify_vpc_endpoint(
            VpcEndpointId=it.id, RemoveRouteTableIds=[it.known["table"].id]
        ),
        drifts="routeTableIds",
        remove=lambda aws, it: aws("ec2").delete_vpc_endpoints(VpcEndpointIds=[it.id]),
    ),
    Sample(
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        needs={
            "vpc": ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True}),
            "subnet": SUBNET,
            "second": _OTHER_SUBNET,
            "group": SECURITY_GROUP,
            "other": SECURITY_GROUP,
        },
        inputs={
            "vpcId": "{vpc.id}",
            "serviceName": "com.amazonaws.eu-west-1.sagemaker.api",
            "vpcEndpointType": "Interface",
            "subnetIds": ["{subnet.id}"],
            "securityGroupIds": ["{group.id}"],
            "privateDnsEnabled": True,
            "policy": _policy("Before"),
            "tags": {"Name": "before"},
        },
        look=_endpoint,
        seen=_INTERFACE,
        change={
            "subnetIds": ["{subnet.id}", "{second.id}"],
            "securityGroupIds": ["{other.id}"],
            "privateDnsEnabled": False,
        },
        seen_changed={
            **_INTERFACE,
            "subnets": ["{subnet.id}", "{second.id}"],
            "groups": ["{other.id}"],
            "private names": False,
        },
        replace={"vpcEndpointType": "GatewayLoadBalancer"},
        drift=lambda aws, it: aws("ec2").modify_vpc_endpoint(VpcEndpointId=it.id, ResetPolicy=True),
        drifts="policy",
        remove=lambda aws, it: aws("ec2").delete_vpc_endpoints(VpcEndpointIds=[it.id]),
    ),
    Sample(
        type="aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
        needs={
            "vpc": VPC,
            "endpoint": (
                "aws:ec2/vpcEndpoint:VpcEndpoint",
                {"vpcId": "{vpc.id}", "serviceName": "com.amazonaws.eu-west-1.s3"},
            ),
        },
        inputs={"vpcEndpointId": "{endpoint.id}", "policy": _policy("Before")},
        look=lambda aws, it: _endpoint(aws, it)["sid"],
        seen="Before",
        change={"policy": _policy("After")},
        seen_changed="After",
        replace={"vpcEndpointId": "vpce-0123456789abcdef0"},
        drift=lambda aws, it: aws("ec2").modify_vpc_endpoint(VpcEndpointId=it.id, ResetPolicy=True),
        drifts="policy",
    ),
]
