"""EC2 transit gateways, which connect networks of several accounts."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.network.ec2.tagging import TAGS, arn_of, created_as
from plinth_sandbox.provider.functions.network.transit_gateways import accept_attachment
from plinth_sandbox.provider.vocabulary import Call, Resource, Update, Wait

_EC2 = "ec2"
_SWITCHES = [
    "autoAcceptSharedAttachments",
    "defaultRouteTableAssociation",
    "defaultRouteTablePropagation",
    "dnsSupport",
    "encryptionSupport",
    "securityGroupReferencingSupport",
    "vpnEcmpSupport",
]
_OPTIONS = [*_SWITCHES, "amazonSideAsn", "multicastSupport"]
_ON_THE_WAY = ["applianceModeSupport", "dnsSupport", "ipv6Support", "securityGroupReferencingSupport"]

READ_GATEWAY = Call(
    "describe_transit_gateways",
    {"TransitGatewayIds": ["{id}"]},
    within="TransitGateways[0]",
    carries=["description", "ownerId", "tags"],
    gives={
        "arn": "TransitGateways[0].TransitGatewayArn",
        "associationDefaultRouteTableId": "TransitGateways[0].Options.AssociationDefaultRouteTableId",
        "propagationDefaultRouteTableId": "TransitGateways[0].Options.PropagationDefaultRouteTableId",
        **{name: f"TransitGateways[0].Options.{name[0].upper()}{name[1:]}" for name in _OPTIONS},
    },
)

TRANSIT_GATEWAY = Resource(
    type="aws:ec2transitgateway/transitGateway:TransitGateway",
    service=_EC2,
    create=Call(
        "create_transit_gateway",
        {"Options": {f"{name[0].upper()}{name[1:]}": f"{{{name}}}" for name in _OPTIONS}},
        carries=["description", *_OPTIONS],
        gives={"id": "TransitGateway.TransitGatewayId"},
    ),
    read=READ_GATEWAY,
    exists="TransitGateways[0].State != 'deleted'",
    update=[
        Update(Call("modify_transit_gateway", {"TransitGatewayId": "{id}"}, carries=["description"])),
        Update(
            Call(
                "modify_transit_gateway",
                {
                    "TransitGatewayId": "{id}",
                    "Options": {f"{name[0].upper()}{name[1:]}": f"{{{name}}}" for name in _SWITCHES},
                },
                carries=_SWITCHES,
            )
        ),
    ],
    delete=Call("delete_transit_gateway", {"TransitGatewayId": "{id}"}),
    defaults={
        "amazonSideAsn": 64512,
        "autoAcceptSharedAttachments": "disable",
        "defaultRouteTableAssociation": "enable",
        "defaultRouteTablePropagation": "enable",
        "dnsSupport": "enable",
        "multicastSupport": "disable",
        "vpnEcmpSupport": "enable",
    },
    computed=["description", "encryptionSupport", "securityGroupReferencingSupport", "transitGatewayCidrBlocks"],
    ready=Wait(READ_GATEWAY, until="TransitGateways[0].State == 'available'"),
    name=None,
    tags=created_as("transit-gateway"),
)

ROUTE_TABLE = Resource(
    type="aws:ec2transitgateway/routeTable:RouteTable",
    service=_EC2,
    create=Call(
        "create_transit_gateway_route_table", gives={"id": "TransitGatewayRouteTable.TransitGatewayRouteTableId"}
    ),
    read=Call(
        "describe_transit_gateway_route_tables",
        {"TransitGatewayRouteTableIds": ["{id}"]},
        within="TransitGatewayRouteTables[0]",
    ),
    exists="TransitGatewayRouteTables[0].State != 'deleted'",
    delete=Call("delete_transit_gateway_route_table", {"TransitGatewayRouteTableId": "{id}"}),
    derived=arn_of("transit-gateway-route-table"),
    name=None,
    tags=created_as("transit-gateway-route-table"),
)

ROUTE_TABLE_ASSOCIATION = Resource(
    type="aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation",
    service=_EC2,
    create=Call(
        "associate_transit_gateway_route_table", carries=["transitGatewayAttachmentId", "transitGatewayRouteTableId"]
    ),
    identifier="{transitGatewayRouteTableId}_{transitGatewayAttachmentId}",
    read=Call(
        "get_transit_gateway_route_table_associations",
        {"TransitGatewayRouteTableId": "{transitGatewayRouteTableId}"},
        within="Associations[?TransitGatewayAttachmentId=='{transitGatewayAttachmentId}'] | [0]",
    ),
    delete="disassociate_transit_gateway_route_table",
    local=["replaceExistingAssociation"],
    name=None,
)

ROUTE = Resource(
    type="aws:ec2transitgateway/route:Route",
    service=_EC2,
    create="create_transit_gateway_route",
    identifier="{transitGatewayRouteTableId}_{destinationCidrBlock}",
    read=Call(
        "search_transit_gateway_routes",
        {
            "TransitGatewayRouteTableId": "{transitGatewayRouteTableId}",
            "Filters": [{"Name": "type", "Values": ["static"]}],
        },
        within="Routes[?DestinationCidrBlock=='{destinationCidrBlock}'] | [0]",
        carries=["destinationCidrBlock"],
        gives={
            "transitGatewayAttachmentId": "Routes[?DestinationCidrBlock=='{destinationCidrBlock}'] | [0]"
            ".TransitGatewayAttachments[0].TransitGatewayAttachmentId",
            "blackhole": "Routes[?DestinationCidrBlock=='{destinationCidrBlock}'] | [0].State == 'blackhole'",
        },
    ),
    delete="delete_transit_gateway_route",
    defaults={"blackhole": False},
    name=None,
)

READ_ATTACHMENT = Call(
    "describe_transit_gateway_vpc_attachments",
    {"TransitGatewayAttachmentIds": ["{id}"]},
    within="TransitGatewayVpcAttachments[0]",
    carries=["subnetIds", "transitGatewayId", "vpcId", "vpcOwnerId", "tags"],
    gives={name: f"TransitGatewayVpcAttachments[0].Options.{name[0].upper()}{name[1:]}" for name in _ON_THE_WAY},
)
_STATE = "TransitGatewayVpcAttachments[0].State"

VPC_ATTACHMENT = Resource(
    type="aws:ec2transitgateway/vpcAttachment:VpcAttachment",
    service=_EC2,
    create=Call(
        "create_transit_gateway_vpc_attachment",
        {"Options": {f"{name[0].upper()}{name[1:]}": f"{{{name}}}" for name in _ON_THE_WAY}},
        carries=["subnetIds", "transitGatewayId", "vpcId", *_ON_THE_WAY],
        gives={"id": "TransitGatewayVpcAttachment.TransitGatewayAttachmentId"},
    ),
    read=READ_ATTACHMENT,
    exists=f"{_STATE} != 'deleted'",
    update=[
        Update(
            Call(
                "modify_transit_gateway_vpc_attachment",
                {
                    "TransitGatewayAttachmentId": "{id}",
                    "AddSubnetIds": "{+subnetIds}",
                    "RemoveSubnetIds": "{-subnetIds}",
                },
                carries=["subnetIds"],
            )
        ),
        Update(
            Call(
                "modify_transit_gateway_vpc_attachment",
                {
                    "TransitGatewayAttachmentId": "{id}",
                    "Options": {f"{name[0].upper()}{name[1:]}": f"{{{name}}}" for name in _ON_THE_WAY},
                },
                carries=_ON_THE_WAY,
            )
        ),
    ],
    delete=Call("delete_transit_gateway_vpc_attachment", {"TransitGatewayAttachmentId": "{id}"}),
    defaults={"applianceModeSupport": "disable", "dnsSupport": "enable", "ipv6Support": "disable"},
    computed=["securityGroupReferencingSupport"],
    # Both properties apply to gateways of the same account only. The vendor's provider keeps the program's value.
    local=["transitGatewayDefaultRouteTableAssociation", "transitGatewayDefaultRouteTablePropagation"],
    derived=arn_of("transit-gateway-attachment"),
    # An attachment to a gateway of another account waits for that account's acceptance.
    ready=Wait(READ_ATTACHMENT, until=f"contains(['available', 'pendingAcceptance'], {_STATE})"),
    name=None,
    tags=created_as("transit-gateway-attachment"),
)

VPC_ATTACHMENT_ACCEPTER = Resource(
    type="aws:ec2transitgateway/vpcAttachmentAccepter:VpcAttachmentAccepter",
    service=_EC2,
    create=accept_attachment,
    creates=["transitGatewayAttachmentId"],
    identifier="{transitGatewayAttachmentId}",
    read=READ_ATTACHMENT,
    exists=f"contains(['available', 'pending', 'modifying'], {_STATE})",
    delete=Call("delete_transit_gateway_vpc_attachment", {"TransitGatewayAttachmentId": "{id}"}),
    local=["transitGatewayDefaultRouteTableAssociation", "transitGatewayDefaultRouteTablePropagation"],
    ready=Wait(READ_ATTACHMENT, until=f"{_STATE} == 'available'"),
    name=None,
    tags=TAGS,
)

RESOURCES = [
    TRANSIT_GATEWAY,
    ROUTE_TABLE,
    ROUTE_TABLE_ASSOCIATION,
    ROUTE,
    VPC_ATTACHMENT,
    VPC_ATTACHMENT_ACCEPTER,
]
