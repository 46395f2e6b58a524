"""VPCs, subnets and flow logs."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.network.ec2.tagging import TAGS, arn_of, created_as
from plinth_sandbox.provider.functions.network.flow_logs import PROPERTIES, create_flow_log, read_flow_log
from plinth_sandbox.provider.vocabulary import Call, Resource, Update

VPC_ATTRIBUTES = ["enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics"]
SUBNET_ATTRIBUTES = ["mapPublicIpOnLaunch", "assignIpv6AddressOnCreation", "enableDns64"]
SUBNET_NAME_OPTIONS = {
    "privateDnsHostnameTypeOnLaunch": "HostnameType",
    "enableResourceNameDnsARecordOnLaunch": "EnableResourceNameDnsARecord",
    "enableResourceNameDnsAaaaRecordOnLaunch": "EnableResourceNameDnsAAAARecord",
}

VPC = Resource(
    type="aws:ec2/vpc:Vpc",
    create=Call("create_vpc", carries=["cidrBlock", "instanceTenancy"], gives={"id": "Vpc.VpcId"}),
    address={"VpcId": "{id}", "VpcIds": ["{id}"]},
    read=[
        Call("describe_vpcs", within="Vpcs[0]"),
        *[Call("describe_vpc_attribute", {"Attribute": name}, carries=[name]) for name in VPC_ATTRIBUTES],
        Call(
            "describe_route_tables",
            {
                "Filters": [
                    {"Name": "vpc-id", "Values": ["{id}"]},
                    {"Name": "association.main", "Values": ["true"]},
                ]
            },
            carries=[],
            gives=dict.fromkeys(["mainRouteTableId", "defaultRouteTableId"], "RouteTables[0].RouteTableId"),
        ),
        Call(
            "describe_security_groups",
            {
                "Filters": [
                    {"Name": "vpc-id", "Values": ["{id}"]},
                    {"Name": "group-name", "Values": ["default"]},
                ]
            },
            carries=[],
            gives={"defaultSecurityGroupId": "SecurityGroups[0].GroupId"},
        ),
        Call(
            "describe_network_acls",
            {"Filters": [{"Name": "vpc-id", "Values": ["{id}"]}, {"Name": "default", "Values": ["true"]}]},
            carries=[],
            gives={"defaultNetworkAclId": "NetworkAcls[0].NetworkAclId"},
        ),
    ],
    # EC2 accepts one attribute per call.
    update=[Update(Call("modify_vpc_attribute", carries=[name])) for name in VPC_ATTRIBUTES],
    delete="delete_vpc",
    derived=arn_of("vpc"),
    defaults={"enableDnsSupport": True, "instanceTenancy": "default"},
    name=None,
    tags=created_as("vpc"),
)

SUBNET = Resource(
    type="aws:ec2/subnet:Subnet",
    create=Call(
        "create_subnet",
        carries=["vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId", "ipv6Native", "outpostArn"],
        gives={"id": "Subnet.SubnetId"},
    ),
    address={"SubnetId": "{id}", "SubnetIds": ["{id}"]},
    read=Call(
        "describe_subnets",
        within="Subnets[0]",
        gives={
            name: f"Subnets[0].PrivateDnsNameOptionsOnLaunch.{member}" for name, member in SUBNET_NAME_OPTIONS.items()
        },
    ),
    # EC2 accepts one attribute per call.
    update=[
        Update(Call("modify_subnet_attribute", carries=[name])) for name in [*SUBNET_ATTRIBUTES, *SUBNET_NAME_OPTIONS]
    ],
    delete="delete_subnet",
    derived=arn_of("subnet"),
    computed=["availabilityZone", "availabilityZoneId", "privateDnsHostnameTypeOnLaunch"],
    exclusive=[["availabilityZone", "availabilityZoneId"]],
    name=None,
    tags=created_as("subnet"),
)

FLOW_LOG = Resource(
    type="aws:ec2/flowLog:FlowLog",
    create=create_flow_log,
    creates=[*PROPERTIES, "tags"],
    read=read_flow_log,
    delete=Call("delete_flow_logs", {"FlowLogIds": ["{id}"]}),
    derived=arn_of("vpc-flow-log"),
    defaults={"logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 600},
    computed=["logDestination", "logFormat"],
    exactly_one=[
        ["vpcId", "subnetId", "eniId", "transitGatewayId", "transitGatewayAttachmentId", "regionalNatGatewayId"]
    ],
    name=None,
    tags=TAGS,
)
