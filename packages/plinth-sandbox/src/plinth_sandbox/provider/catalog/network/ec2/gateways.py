"""Internet gateways, NAT gateways and elastic IP addresses."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.network.ec2.tagging import arn_of, created_as
from plinth_sandbox.provider.functions.network.gateways import attach_gateway, delete_gateway
from plinth_sandbox.provider.vocabulary import Call, Resource, Update, Wait

INTERNET_GATEWAY = Resource(
    type="aws:ec2/internetGateway:InternetGateway",
    create=Call("create_internet_gateway", gives={"id": "InternetGateway.InternetGatewayId"}),
    read=Call(
        "describe_internet_gateways",
        {"InternetGatewayIds": ["{id}"]},
        within="InternetGateways[0]",
        gives={"vpcId": "InternetGateways[0].Attachments[0].VpcId"},
    ),
    update=[Update(attach_gateway, carries=["vpcId"])],
    delete=delete_gateway,
    derived=arn_of("internet-gateway"),
    computed=["vpcId"],
    name=None,
    tags=created_as("internet-gateway"),
)

INTERNET_GATEWAY_ATTACHMENT = Resource(
    type="aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
    create="attach_internet_gateway",
    identifier="{internetGatewayId}:{vpcId}",
    read=Call(
        "describe_internet_gateways",
        {"InternetGatewayIds": ["{internetGatewayId}"]},
        within="InternetGateways[0].Attachments[?VpcId=='{vpcId}'] | [0]",
    ),
    delete="detach_internet_gateway",
    absent="NotAttached",
    name=None,
)

EGRESS_ONLY_INTERNET_GATEWAY = Resource(
    type="aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
    create=Call(
        "create_egress_only_internet_gateway", gives={"id": "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId"}
    ),
    read=Call(
        "describe_egress_only_internet_gateways",
        {"EgressOnlyInternetGatewayIds": ["{id}"]},
        within="EgressOnlyInternetGateways[0]",
        gives={"vpcId": "EgressOnlyInternetGateways[0].Attachments[0].VpcId"},
    ),
    delete=Call("delete_egress_only_internet_gateway", {"EgressOnlyInternetGatewayId": "{id}"}),
    name=None,
    tags=created_as("egress-only-internet-gateway"),
)

CARRIER_GATEWAY = Resource(
    type="aws:ec2/carrierGateway:CarrierGateway",
    create=Call("create_carrier_gateway", gives={"id": "CarrierGateway.CarrierGatewayId"}),
    read=Call("describe_carrier_gateways", {"CarrierGatewayIds": ["{id}"]}, within="CarrierGateways[0]"),
    exists="CarrierGateways[0].State != 'deleted'",
    delete=Call("delete_carrier_gateway", {"CarrierGatewayId": "{id}"}),
    derived=arn_of("carrier-gateway"),
    name=None,
    tags=created_as("carrier-gateway"),
)

EIP = Resource(
    type="aws:ec2/eip:Eip",
    create=Call(
        "allocate_address",
        carries=["domain", "address", "networkBorderGroup", "publicIpv4Pool", "customerOwnedIpv4Pool"],
        gives={"id": "AllocationId"},
    ),
    read=Call(
        "describe_addresses",
        {"AllocationIds": ["{id}"]},
        within="Addresses[0]",
        gives={"privateIp": "Addresses[0].PrivateIpAddress"},
    ),
    delete=Call("release_address", {"AllocationId": "{id}"}),
    derived=arn_of("elastic-ip"),
    computed=["domain", "networkBorderGroup", "publicIpv4Pool"],
    unread=["address"],
    name=None,
    tags=created_as("elastic-ip"),
)

READ_NAT = Call(
    "describe_nat_gateways",
    {"NatGatewayIds": ["{id}"]},
    within="NatGateways[0]",
    gives={
        "allocationId": "NatGateways[0].NatGatewayAddresses[0].AllocationId",
        "associationId": "NatGateways[0].NatGatewayAddresses[0].AssociationId",
        "networkInterfaceId": "NatGateways[0].NatGatewayAddresses[0].NetworkInterfaceId",
        "privateIp": "NatGateways[0].NatGatewayAddresses[0].PrivateIp",
        "publicIp": "NatGateways[0].NatGatewayAddresses[0].PublicIp",
    },
)

NAT_GATEWAY = Resource(
    type="aws:ec2/natGateway:NatGateway",
    create=Call(
        "create_nat_gateway",
        carries=["subnetId", "allocationId", "connectivityType", "privateIp"],
        gives={"id": "NatGateway.NatGatewayId"},
    ),
    read=READ_NAT,
    exists="NatGateways[0].State != 'deleted'",
    delete=Call("delete_nat_gateway", {"NatGatewayId": "{id}"}),
    renames={"privateIp": "PrivateIpAddress"},
    defaults={"connectivityType": "public"},
    computed=["privateIp", "vpcId", "availabilityMode"],
    ready=Wait(
        READ_NAT,
        until="NatGateways[0].State == 'available'",
        failed="NatGateways[0].State == 'failed'",
        reason="NatGateways[0].FailureMessage",
    ),
    gone=Wait(READ_NAT, until="NatGateways[0].State == 'deleted'"),
    name=None,
    tags=created_as("natgateway"),
)
