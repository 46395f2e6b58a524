"""VPC endpoints of both kinds: gateway and interface."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.network.ec2.tagging import arn_of, created_as
from plinth_sandbox.provider.vocabulary import Call, Resource, Update, Wait

_LISTS = ["routeTableIds", "subnetIds", "securityGroupIds"]
_OPTIONS = ["policy", "privateDnsEnabled", "ipAddressType", "dnsOptions"]
_LASTING = ["vpcId", "serviceName", "vpcEndpointType", "serviceRegion", "resourceConfigurationArn", "serviceNetworkArn"]

READ_ENDPOINT = Call(
    "describe_vpc_endpoints",
    {"VpcEndpointIds": ["{id}"]},
    within="VpcEndpoints[0]",
    gives={"securityGroupIds": "VpcEndpoints[0].Groups[].GroupId"},
)

VPC_ENDPOINT = Resource(
    type="aws:ec2/vpcEndpoint:VpcEndpoint",
    create=Call(
        "create_vpc_endpoint", carries=[*_LASTING, *_LISTS, *_OPTIONS], gives={"id": "VpcEndpoint.VpcEndpointId"}
    ),
    address={"VpcEndpointId": "{id}"},
    read=[
        READ_ENDPOINT,
        Call(
            "describe_prefix_lists",
            {"Filters": [{"Name": "prefix-list-name", "Values": ["{serviceName}"]}]},
            carries=[],
            gives={"prefixListId": "PrefixLists[0].PrefixListId", "cidrBlocks": "PrefixLists[0].Cidrs"},
        ),
    ],
    update=[
        Update(
            Call(
                "modify_vpc_endpoint",
                {
                    "AddRouteTableIds": "{+routeTableIds}",
                    "RemoveRouteTableIds": "{-routeTableIds}",
                    "AddSubnetIds": "{+subnetIds}",
                    "RemoveSubnetIds": "{-subnetIds}",
                    "AddSecurityGroupIds": "{+securityGroupIds}",
                    "RemoveSecurityGroupIds": "{-securityGroupIds}",
                },
                carries=_LISTS,
            )
        ),
        Update(
            Call("modify_vpc_endpoint", carries=["policy"]),
            otherwise=Call("modify_vpc_endpoint", {"ResetPolicy": True}),
        ),
        Update(Call("modify_vpc_endpoint", carries=["privateDnsEnabled"])),
        Update(Call("modify_vpc_endpoint", carries=["ipAddressType", "dnsOptions"])),
    ],
    delete=Call("delete_vpc_endpoints", {"VpcEndpointIds": ["{id}"]}),
    renames={"policy": "PolicyDocument", "dnsName": "DnsName"},
    defaults={"vpcEndpointType": "Gateway"},
    computed=[*_LISTS, *_OPTIONS],
    derived=arn_of("vpc-endpoint"),
    exactly_one=[["serviceName", "resourceConfigurationArn", "serviceNetworkArn"]],
    # The owner of a service may have to accept the endpoint, possibly in another program.
    ready=Wait(
        READ_ENDPOINT,
        until="contains(['available', 'pendingAcceptance'], VpcEndpoints[0].State)",
        failed="VpcEndpoints[0].State != 'pending'",
        reason="VpcEndpoints[0].State",
    ),
    gone=Wait(READ_ENDPOINT, until="VpcEndpoints[0].State == 'deleted'"),
    name=None,
    tags=created_as("vpc-endpoint"),
)

VPC_ENDPOINT_POLICY = Resource(
    type="aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
    put=Call("modify_vpc_endpoint", carries=["vpcEndpointId", "policy"]),
    identifier="{vpcEndpointId}",
    read=Call("describe_vpc_endpoints", {"VpcEndpointIds": ["{vpcEndpointId}"]}, within="VpcEndpoints[0]"),
    delete=Call("modify_vpc_endpoint", {"ResetPolicy": True}),
    renames={"policy": "PolicyDocument"},
    computed=["policy"],
    name=None,
)
