"""Samples of internet gateways, NAT gateways and their addresses."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.network.ec2.prerequisites import GATEWAY, SUBNET, VPC, tags_of

_TAGS = {"from": "provider", "Name": "before"}


def _gateway(aws: Aws, it: Kept) -> dict[str, Any]:
    (gateway,) = aws("ec2").describe_internet_gateways(InternetGatewayIds=[it.id])["InternetGateways"]
    return {"vpcs": [attached["VpcId"] for attached in gateway["Attachments"]], "tags": tags_of(gateway)}


def _attached_to(aws: Aws, it: Kept) -> list[str]:
    (gateway,) = aws("ec2").describe_internet_gateways(InternetGatewayIds=[it.outputs["internetGatewayId"]])[
        "InternetGateways"
    ]
    return [attached["VpcId"] for attached in gateway["Attachments"]]


def _egress_only_gateway(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("ec2").describe_egress_only_internet_gateways(EgressOnlyInternetGatewayIds=[it.id])
    (gateway,) = found["EgressOnlyInternetGateways"]
    return {"vpcs": [attached["VpcId"] for attached in gateway["Attachments"]], "tags": tags_of(gateway)}


def _carrier_gateway(aws: Aws, it: Kept) -> dict[str, Any]:
    (gateway,) = aws("ec2").describe_carrier_gateways(CarrierGatewayIds=[it.id])["CarrierGateways"]
    return {"vpc": gateway["VpcId"], "tags": tags_of(gateway)}


def _take_away(aws: Aws, it: Kept) -> None:
    aws("ec2").detach_internet_gateway(InternetGatewayId=it.id, VpcId=it.known["vpc"].id)


def _delete_gateway(aws: Aws, it: Kept) -> None:
    _take_away(aws, it)
    aws("ec2").delete_internet_gateway(InternetGatewayId=it.id)


def _address(aws: Aws, it: Kept) -> dict[str, Any]:
    (address,) = aws("ec2").describe_addresses(AllocationIds=[it.id])["Addresses"]
    return {
        "domain": address["Domain"],
        "known": [it.outputs["allocationId"], it.outputs["publicIp"]] == [address["AllocationId"], address["PublicIp"]],
        "tags": tags_of(address),
    }


def _nat(aws: Aws, it: Kept) -> dict[str, Any]:
    (nat,) = aws("ec2").describe_nat_gateways(NatGatewayIds=[it.id])["NatGateways"]
    (address,) = nat["NatGatewayAddresses"]
    return {
        "subnet": nat["SubnetId"],
        "address": address["AllocationId"],
        "kind": nat["ConnectivityType"],
        "known": it.outputs["publicIp"] == address["PublicIp"],
        "tags": tags_of(nat),
    }


_NAT = {
    "subnet": "{subnet.id}",
    "address": "{address.outputs.allocationId}",
    "kind": "public",
    "known": True,
    "tags": _TAGS,
}

SAMPLES = [
    Sample(
        type="aws:ec2/internetGateway:InternetGateway",
        needs={"vpc": VPC, "other": VPC},
        inputs={"vpcId": "{vpc.id}", "tags": {"Name": "before"}},
        look=_gateway,
        seen={"vpcs": ["{vpc.id}"], "tags": _TAGS},
        change={"vpcId": "{other.id}", "tags": {"Name": "after"}},
        seen_changed={"vpcs": ["{other.id}"], "tags": {"from": "provider", "Name": "after"}},
        drift=_take_away,
        drifts="vpcId",
        remove=_delete_gateway,
    ),
    Sample(
        type="aws:ec2/eip:Eip",
        inputs={"domain": "vpc", "tags": {"Name": "before"}},
        look=_address,
        seen={"domain": "vpc", "known": True, "tags": _TAGS},
        change={"tags": {"Name": "after"}},
        seen_changed={"domain": "vpc", "known": True, "tags": {"from": "provider", "Name": "after"}},
        drift=lambda aws, it: aws("ec2").delete_tags(Resources=[it.id], Tags=[{"Key": "Name"}]),
        drifts="tags",
        remove=lambda aws, it: aws("ec2").release_address(AllocationId=it.id),
    ),
    Sample(
        type="aws:ec2/natGateway:NatGateway",
        needs={
            "vpc": VPC,
            "gateway": GATEWAY,
            "subnet": SUBNET,
            "address": ("aws:ec2/eip:Eip", {"domain": "vpc"}),
        },
        inputs={
            "subnetId": "{subnet.id}",
            "allocationId": "{address.outputs.allocationId}",
            "connectivityType": "public",
            "tags": {"Name": "before"},
        },
        look=_nat,
        seen=_NAT,
        change={"tags": {"Name": "after"}},
        seen_changed={**_NAT, "tags": {"from": "provider", "Name": "after"}},
        replace={"connectivityType": "private"},
        drift=lambda aws, it: aws("ec2").create_tags(Resources=[it.id], Tags=[{"Key": "Name", "Value": "else"}]),
        drifts="tags",
        remove=lambda aws, it: aws("ec2").delete_nat_gateway(NatGatewayId=it.id),
    ),
    Sample(
        type="aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
        needs={"vpc": VPC, "gateway": ("aws:ec2/internetGateway:InternetGateway", {})},
        inputs={"vpcId": "{vpc.id}", "internetGatewayId": "{gateway.id}"},
        look=_attached_to,
        seen=["{vpc.id}"],
        replace={"vpcId": "vpc-0123456789abcdef0"},
        remove=lambda aws, it: aws("ec2").detach_internet_gateway(
            InternetGatewayId=it.known["gateway"].id, VpcId=it.known["vpc"].id
        ),
    ),
    Sample(
        type="aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
        needs={"vpc": VPC},
        inputs={"vpcId": "{vpc.id}", "tags": {"Name": "before"}},
        look=_egress_only_gateway,
        seen={"vpcs": ["{vpc.id}"], "tags": _TAGS},
        change={"tags": {"Name": "after"}},
        seen_changed={"vpcs": ["{vpc.id}"], "tags": {"from": "provider", "Name": "after"}},
        replace={"vpcId": "vpc-0123456789abcdef0"},
        drift=lambda aws, it: aws("ec2").delete_tags(Resources=[it.id], Tags=[{"Key": "Name"}]),
        drifts="tags",
        remove=lambda aws, it: aws("ec2").delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=it.id),
    ),
    Sample(
        type="aws:ec2/carrierGateway:CarrierGateway",
        needs={"vpc": VPC},
        inputs={"vpcId": "{vpc.id}", "tags": {"Name": "before"}},
        look=_carrier_gateway,
        seen={"vpc": "{vpc.id}", "tags": _TAGS},
        change={"tags": {"Name": "after"}},
        seen_changed={"vpc": "{vpc.id}", "tags": {"from": "provider", "Name": "after"}},
        replace={"vpcId": "vpc-0123456789abcdef0"},
        drift=lambda aws, it: aws("ec2").delete_tags(Resources=[it.id], Tags=[{"Key": "Name"}]),
        drifts="tags",
        remove=lambda aws, it: aws("ec2").delete_carrier_gateway(CarrierGatewayId=it.id),
    ),
]
