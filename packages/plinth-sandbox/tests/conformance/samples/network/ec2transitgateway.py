"""Samples of transit gateways."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Need, Sample
from conformance.samples.network.ec2.prerequisites import SUBNET, VPC, tags_of

_GATEWAY: Need = (
    "aws:ec2transitgateway/transitGateway:TransitGateway",
    {"defaultRouteTableAssociation": "disable", "defaultRouteTablePropagation": "disable"},
)
_TABLE: Need = ("aws:ec2transitgateway/routeTable:RouteTable", {"transitGatewayId": "{gateway.id}"})
_ATTACHMENT: Need = (
    "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
    {"transitGatewayId": "{gateway.id}", "vpcId": "{vpc.id}", "subnetIds": ["{subnet.id}"]},
)
_JOINED = {"vpc": VPC, "subnet": SUBNET, "gateway": _GATEWAY, "table": _TABLE, "attachment": _ATTACHMENT}


_ELSEWHERE = "444455556666"
"""Another account."""


def _gateway(aws: Aws, it: Kept) -> dict[str, Any]:
    (found,) = aws("ec2").describe_transit_gateways(TransitGatewayIds=[it.id])["TransitGateways"]
    options = found["Options"]
    return {
        "description": found["Description"],
        "accepts": options["AutoAcceptSharedAttachments"],
        "associates": options["DefaultRouteTableAssociation"],
        "propagates": options["DefaultRouteTablePropagation"],
        "tags": tags_of(found),
    }


def _table(aws: Aws, it: Kept) -> dict[str, Any]:
    answer = aws("ec2").describe_transit_gateway_route_tables(TransitGatewayRouteTableIds=[it.id])
    (found,) = answer["TransitGatewayRouteTables"]
    return {"gateway": found["TransitGatewayId"], "tags": tags_of(found)}


def _associations(aws: Aws, it: Kept) -> list[str]:
    answer = aws("ec2").get_transit_gateway_route_table_associations(
        TransitGatewayRouteTableId=it.outputs["transitGatewayRouteTableId"]
    )
    return [association["TransitGatewayAttachmentId"] for association in answer["Associations"]]


def _routes(aws: Aws, it: Kept) -> dict[str, list[str]]:
    answer = aws("ec2").search_transit_gateway_routes(
        TransitGatewayRouteTableId=it.outputs["transitGatewayRouteTableId"],
        Filters=[{"Name": "type", "Values": ["static"]}],
    )
    return {
        route["DestinationCidrBlock"]: [a["TransitGatewayAttachmentId"] for a in route["TransitGatewayAttachments"]]
        for route in answer["Routes"]
    }


def _attachment(aws: Aws, it: Kept) -> dict[str, Any]:
    answer = aws("ec2").describe_transit_gateway_vpc_attachments(TransitGatewayAttachmentIds=[it.id])
    (found,) = answer["TransitGatewayVpcAttachments"]
    return {
        "state": found["State"],
        "vpc": found["VpcId"],
        "subnets": found["SubnetIds"],
        "names": found["Options"]["DnsSupport"],
        "tags": tags_of(found),
    }


def _attached_from_elsewhere(aws: Aws, known: dict[str, Any]) -> str:
    """Attaches a VPC of another account to the shared gateway. The attachment is not accepted yet."""
    aws("ram").create_resource_share(
        name=f"transit-{known['n']}", principals=[_ELSEWHERE], resourceArns=[known["gateway"].outputs["arn"]]
    )
    ec2 = aws("ec2", _ELSEWHERE)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    attachment = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=known["gateway"].id, VpcId=vpc, SubnetIds=[subnet]
    )["TransitGatewayVpcAttachment"]
    assert attachment["State"] == "pendingAcceptance"
    return str(attachment["TransitGatewayAttachmentId"])


def _accepted(aws: Aws, it: Kept) -> dict[str, Any]:
    return {name: value for name, value in _attachment(aws, it).items() if name in ("state", "tags")}


_SEEN_GATEWAY = {
    "description": "before",
    "accepts": "enable",
    "associates": "disable",
    "propagates": "disable",
    "tags": {"from": "provider", "Name": "before"},
}
_SEEN_ATTACHMENT = {
    "state": "available",
    "vpc": "{vpc.id}",
    "subnets": ["{subnet.id}"],
    "names": "enable",
    "tags": {"from": "provider", "Name": "before"},
}
_OTHER_SUBNET: Need = ("aws:ec2/subnet:Subnet", {"vpcId": "{vpc.id}", "cidrBlock": "10.0.2.0/24"})

SAMPLES = [
    Sample(
        type="aws:ec2transitgateway/transitGateway:TransitGateway",
        inputs={
            "description": "before",
            "autoAcceptSharedAttachments": "enable",
            "defaultRouteTableAssociation": "disable",
            "defaultRouteTablePropagation": "disable",
            "tags": {"Name": "before"},
        },
        look=_gateway,
        seen=_SEEN_GATEWAY,
        change={"description": "after", "autoAcceptSharedAttachments": "disable", "tags": {"Name": "after"}},
        seen_changed={
            **_SEEN_GATEWAY,
            "description": "after",
            "accepts": "disable",
            "tags": {"from": "provider", "Name": "after"},
        },
        replace={"multicastSupport": "enable"},
        drift=lambda aws, it: aws("ec2").modify_transit_gateway(
            TransitGatewayId=it.id, Options={"AutoAcceptSharedAttachments": "disable"}
        ),
        drifts="autoAcceptSharedAttachments",
        remove=lambda aws, it: aws("ec2").delete_transit_gateway(TransitGatewayId=it.id),
    ),
    Sample(
        type="aws:ec2transitgateway/routeTable:RouteTable",
        needs={"gateway": _GATEWAY},
        inputs={"transitGatewayId": "{gateway.id}", "tags": {"Name": "before"}},
        look=_table,
        seen={"gateway": "{gateway.id}", "tags": {"from": "provider", "Name": "before"}},
        change={"tags": {"Name": "after"}},
        seen_changed={"gateway": "{gateway.id}", "tags": {"from": "provider", "Name": "after"}},
        replace={"transitGatewayId": "tgw-0123456789abcdef0"},
        remove=lambda aws, it: aws("ec2").delete_transit_gateway_route_table(TransitGatewayRouteTableId=it.id),
    ),
    Sample(
        type="aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation",
        needs=_JOINED,
        inputs={"transitGatewayAttachmentId": "{attachment.id}", "transitGatewayRouteTableId": "{table.id}"},
        look=_associations,
        seen=["{attachment.id}"],
        replace={"transitGatewayRouteTableId": "tgw-rtb-0123456789abcdef0"},
        remove=lambda aws, it: aws("ec2").disassociate_transit_gateway_route_table(
            TransitGatewayRouteTableId=it.known["table"].id, TransitGatewayAttachmentId=it.known["attachment"].id
        ),
    ),
    Sample(
        type="aws:ec2transitgateway/route:Route",
        needs=_JOINED,
        inputs={
            "destinationCidrBlock": "10.1.0.0/19",
            "transitGatewayAttachmentId": "{attachment.id}",
            "transitGatewayRouteTableId": "{table.id}",
        },
        look=_routes,
        seen={"10.1.0.0/19": ["{attachment.id}"]},
        replace={"destinationCidrBlock": "10.2.0.0/19"},
        remove=lambda aws, it: aws("ec2").delete_transit_gateway_route(
            TransitGatewayRouteTableId=it.known["table"].id, DestinationCidrBlock="10.1.0.0/19"
        ),
    ),
    Sample(
        type="aws:ec2transitgateway/vpcAttachment:VpcAttachment",
        needs={"vpc": VPC, "subnet": SUBNET, "other": _OTHER_SUBNET, "gateway": _GATEWAY},
        inputs={
            "transitGatewayId": "{gateway.id}",
            "vpcId": "{vpc.id}",
            "subnetIds": ["{subnet.id}"],
            "dnsSupport": "enable",
            "tags": {"Name": "before"},
        },
        look=_attachment,
        seen=_SEEN_ATTACHMENT,
        change={"subnetIds": ["{other.id}"], "dnsSupport": "disable", "tags": {"Name": "after"}},
        seen_changed={
            **_SEEN_ATTACHMENT,
            "subnets": ["{other.id}"],
            "names": "disable",
            "tags": {"from": "provider", "Name": "after"},
        },
        replace={"vpcId": "vpc-0123456789abcdef0"},
        drift=lambda aws, it: aws("ec2").modify_transit_gateway_vpc_attachment(
            TransitGatewayAttachmentId=it.id, Options={"DnsSupport": "disable"}
        ),
        drifts="dnsSupport",
        remove=lambda aws, it: aws("ec2").delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=it.id),
    ),
    Sample(
        type="aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter",
        needs={"gateway": _GATEWAY},
        prepare=_attached_from_elsewhere,
        inputs={"transitGatewayAttachmentId": "{prepared}", "tags": {"Name": "before"}},
        look=_accepted,
        seen={"state": "available", "tags": {"from": "provider", "Name": "before"}},
        change={"tags": {"Name": "after"}},
        seen_changed={"state": "available", "tags": {"from": "provider", "Name": "after"}},
        replace={"transitGatewayAttachmentId": "tgw-attach-0123456789abcdef0"},
        remove=lambda aws, it: aws("ec2").delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=it.id),
    ),
]
