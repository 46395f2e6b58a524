"""Samples of VPCs, subnets and flow logs."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Need, Sample
from conformance.samples.network.ec2.prerequisites import VPC, tags_of

_DEFAULT_TAGS = {"from": "provider"}


def _vpc(aws: Aws, it: Kept) -> dict[str, Any]:
    ec2 = aws("ec2")
    (vpc,) = ec2.describe_vpcs(VpcIds=[it.id])["Vpcs"]
    (group,) = ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [it.id]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    (table,) = ec2.describe_route_tables(
        Filters=[{"Name": "vpc-id", "Values": [it.id]}, {"Name": "association.main", "Values": ["true"]}]
    )["RouteTables"]
    names = ec2.describe_vpc_attribute(VpcId=it.id, Attribute="enableDnsHostnames")
    support = ec2.describe_vpc_attribute(VpcId=it.id, Attribute="enableDnsSupport")
    return {
        "cidr": vpc["CidrBlock"],
        "names": names["EnableDnsHostnames"]["Value"],
        "support": support["EnableDnsSupport"]["Value"],
        "tags": tags_of(vpc),
        "knows its defaults": [it.outputs["defaultSecurityGroupId"], it.outputs["defaultRouteTableId"]]
        == [group["GroupId"], table["RouteTableId"]],
    }


def _subnet(aws: Aws, it: Kept) -> dict[str, Any]:
    (subnet,) = aws("ec2").describe_subnets(SubnetIds=[it.id])["Subnets"]
    return {
        "cidr": subnet["CidrBlock"],
        "vpc": subnet["VpcId"],
        "zone": subnet["AvailabilityZoneId"],
        "public": subnet["MapPublicIpOnLaunch"],
        "arn": subnet["SubnetArn"] == it.outputs["arn"],
        "tags": tags_of(subnet),
    }


def _flow_log(aws: Aws, it: Kept) -> dict[str, Any]:
    (flow_log,) = aws("ec2").describe_flow_logs(FlowLogIds=[it.id])["FlowLogs"]
    return {
        "of": flow_log["ResourceId"],
        "traffic": flow_log["TrafficType"],
        "to": flow_log["LogDestination"],
        "by": flow_log["DeliverLogsPermissionArn"],
        "seconds": flow_log["MaxAggregationInterval"],
        "delivery": flow_log["DeliverLogsStatus"],
        "tags": tags_of(flow_log),
    }


_LOG_GROUP: Need = ("aws:cloudwatch/logGroup:LogGroup", {"name": "/flow/{n}"})
_FLOW = {
    "of": "{vpc.id}",
    "traffic": "ALL",
    "to": "{group.outputs.arn}",
    "by": "arn:aws:iam::123456789012:role/flow",
    "seconds": 60,
    "delivery": "SUCCESS",
    "tags": {**_DEFAULT_TAGS, "own": "1"},
}

SAMPLES = [
    Sample(
        type="aws:ec2/vpc:Vpc",
        inputs={"cidrBlock": "10.9.0.0/16", "enableDnsHostnames": True, "tags": {"Name": "before"}},
        look=_vpc,
        seen={
            "cidr": "10.9.0.0/16",
            "names": True,
            "support": True,
            "tags": {**_DEFAULT_TAGS, "Name": "before"},
            "knows its defaults": True,
        },
        change={"enableDnsHostnames": None, "enableDnsSupport": False, "tags": {"Name": "after"}},
        seen_changed={
            "cidr": "10.9.0.0/16",
            "names": False,
            "support": False,
            "tags": {**_DEFAULT_TAGS, "Name": "after"},
            "knows its defaults": True,
        },
        replace={"cidrBlock": "10.8.0.0/16"},
        drift=lambda aws, it: aws("ec2").modify_vpc_attribute(VpcId=it.id, EnableDnsHostnames={"Value": False}),
        drifts="enableDnsHostnames",
        remove=lambda aws, it: aws("ec2").delete_vpc(VpcId=it.id),
    ),
    Sample(
        type="aws:ec2/subnet:Subnet",
        needs={"vpc": VPC},
        inputs={
            "vpcId": "{vpc.id}",
            "cidrBlock": "10.0.7.0/24",
            "availabilityZoneId": "euw1-az2",
            "mapPublicIpOnLaunch": False,
            "tags": {"Name": "before"},
        },
        look=_subnet,
        seen={
            "cidr": "10.0.7.0/24",
            "vpc": "{vpc.id}",
            "zone": "euw1-az2",
            "public": False,
            "arn": True,
            "tags": {**_DEFAULT_TAGS, "Name": "before"},
        },
        change={"mapPublicIpOnLaunch": True, "tags": None},
        seen_changed={
            "cidr": "10.0.7.0/24",
            "vpc": "{vpc.id}",
            "zone": "euw1-az2",
            "public": True,
            "arn": True,
            "tags": _DEFAULT_TAGS,
        },
        replace={"cidrBlock": "10.0.8.0/24", "availabilityZoneId": "euw1-az3"},
        drift=lambda aws, it: aws("ec2").modify_subnet_attribute(SubnetId=it.id, MapPublicIpOnLaunch={"Value": True}),
        drifts="mapPublicIpOnLaunch",
        remove=lambda aws, it: aws("ec2").delete_subnet(SubnetId=it.id),
    ),
    Sample(
        type="aws:ec2/flowLog:FlowLog",
        needs={"vpc": VPC, "group": _LOG_GROUP},
        inputs={
            "vpcId": "{vpc.id}",
            "trafficType": "ALL",
            "logDestinationType": "cloud-watch-logs",
            "logDestination": "{group.outputs.arn}",
            "iamRoleArn": "arn:aws:iam::123456789012:role/flow",
            "maxAggregationInterval": 60,
            "tags": {"own": "1"},
        },
        look=_flow_log,
        seen=_FLOW,
        change={"tags": {"own": "2"}},
        seen_changed={**_FLOW, "tags": {**_DEFAULT_TAGS, "own": "2"}},
        replace={"trafficType": "REJECT", "maxAggregationInterval": None},
        drift=lambda aws, it: aws("ec2").create_tags(Resources=[it.id], Tags=[{"Key": "own", "Value": "9"}]),
        drifts="tags",
        remove=lambda aws, it: aws("ec2").delete_flow_logs(FlowLogIds=[it.id]),
    ),
]
