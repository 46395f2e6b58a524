"""Samples of endpoint services that accounts offer: their private DNS names, and the endpoints that they accept."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Need, Sample
from conformance.samples.network.ec2.prerequisites import VPC, tags_of
from plinth_sandbox.testing import publish_text

_NAMED_VPC: Need = ("aws:ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True})
_SERVICE: Need = (
    "aws:ec2/vpcEndpointService:VpcEndpointService",
    {
        "acceptanceRequired": True,
        "networkLoadBalancerArns": ["{offered.balancer}"],
        "privateDnsName": "{n}.tools.example",
    },
)
_ENDPOINT: Need = (
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    {"vpcId": "{vpc.id}", "serviceName": "{service.outputs.serviceName}", "vpcEndpointType": "Interface"},
)
_OTHER = "vpce-0123456789abcdef0"
_OTHER_SERVICE = "vpce-svc-0123456789abcdef0"


def _service(aws: Aws, it: Kept) -> dict[str, Any]:
    ec2 = aws("ec2")
    (found,) = ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[it.id])["ServiceConfigurations"]
    permissions = ec2.describe_vpc_endpoint_service_permissions(ServiceId=it.id)["AllowedPrincipals"]
    record, outputs = found["PrivateDnsNameConfiguration"], it.outputs
    assert outputs["privateDnsNameConfigurations"] == [{name.lower(): value for name, value in record.items()}]
    assert (outputs["serviceName"], outputs["state"]) == (found["ServiceName"], "Available")
    assert outputs["arn"].endswith(f":vpc-endpoint-service/{it.id}")
    assert outputs["serviceType"] == "Interface"
    return {
        "acceptance": found["AcceptanceRequired"],
        "balancers": found["NetworkLoadBalancerArns"],
        "name": found["PrivateDnsName"],
        "verification": record["State"],
        "principals": sorted(permission["Principal"] for permission in permissions),
        "tags": tags_of(found),
    }


def _publish(aws: Aws, known: dict[str, Any]) -> None:
    """Publishes the record that proves the private DNS name of a service."""
    (record,) = known["service"].outputs["privateDnsNameConfigurations"]
    name = known["service"].outputs["privateDnsName"]
    publish_text(aws("route53"), name, f"{record['name']}.{name}", record["value"])


def _accepted(aws: Aws, known: dict[str, Any]) -> None:
    """Verifies the private DNS name of a service, and accepts an endpoint."""
    _publish(aws, known)
    service, endpoint, ec2 = known["service"].id, known["endpoint"].id, aws("ec2")
    ec2.start_vpc_endpoint_service_private_dns_verification(ServiceId=service)
    ec2.accept_vpc_endpoint_connections(ServiceId=service, VpcEndpointIds=[endpoint])


def _verification(aws: Aws, it: Kept) -> str:
    listed = aws("ec2").describe_vpc_endpoint_service_configurations(ServiceIds=[it.id])["ServiceConfigurations"]
    return str(listed[0]["PrivateDnsNameConfiguration"]["State"])


def _connection(aws: Aws, it: Kept) -> list[str]:
    listed = aws("ec2").describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    return [
        connection["VpcEndpointState"]
        for connection in listed
        if connection["VpcEndpointId"] == it.outputs["vpcEndpointId"]
    ]


def _is_named(aws: Aws, it: Kept) -> bool:
    return bool(aws("ec2").describe_vpc_endpoints(VpcEndpointIds=[it.id])["VpcEndpoints"][0]["PrivateDnsEnabled"])


SAMPLES = [
    Sample(
        type="aws:ec2/vpcEndpointService:VpcEndpointService",
        inputs={
            "acceptanceRequired": True,
            "networkLoadBalancerArns": ["{offered.balancer}"],
            "allowedPrincipals": ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122224444:root"],
            "privateDnsName": "api.tools.example",
            "tags": {"Name": "before"},
        },
        look=_service,
        seen={
            "acceptance": True,
            "balancers": ["{offered.balancer}"],
            "name": "api.tools.example",
            "verification": "pendingVerification",
            "principals": ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122224444:root"],
            "tags": {"from": "provider", "Name": "before"},
        },
        change={
            "acceptanceRequired": False,
            "networkLoadBalancerArns": ["{offered.other_balancer}"],
            "allowedPrincipals": ["arn:aws:iam::111122224444:root", "arn:aws:iam::111122225555:root"],
            "privateDnsName": "web.tools.example",
            "tags": {"Name": "after"},
        },
        seen_changed={
            "acceptance": False,
            "balancers": ["{offered.other_balancer}"],
            "name": "web.tools.example",
            "verification": "pendingVerification",
            "principals": ["arn:aws:iam::111122224444:root", "arn:aws:iam::111122225555:root"],
            "tags": {"from": "provider", "Name": "after"},
        },
        drift=lambda aws, it: aws("ec2").modify_vpc_endpoint_service_permissions(
            ServiceId=it.id, RemoveAllowedPrincipals=["arn:aws:iam::111122223333:root"]
        ),
        drifts="allowedPrincipals",
        remove=lambda aws, it: aws("ec2").delete_vpc_endpoint_service_configurations(ServiceIds=[it.id]),
    ),
    Sample(
        type="aws:vpc/endpointServicePrivateDnsVerification:EndpointServicePrivateDnsVerification",
        needs={"service": _SERVICE},
        prepare=_publish,
        inputs={"serviceId": "{service.id}", "waitForVerification": True},
        look=_verification,
        seen="verified",
        change={"waitForVerification": False},
        seen_changed="verified",
        replace={"serviceId": _OTHER_SERVICE},
        not_imported=("waitForVerification",),
    ),
    Sample(
        type="aws:ec2/vpcEndpointConnectionAccepter:VpcEndpointConnectionAccepter",
        needs={"vpc": VPC, "service": _SERVICE, "endpoint": _ENDPOINT},
        inputs={"vpcEndpointServiceId": "{service.id}", "vpcEndpointId": "{endpoint.id}"},
        look=_connection,
        seen=["available"],
        replace={"vpcEndpointServiceId": _OTHER_SERVICE, "vpcEndpointId": _OTHER},
    ),
    Sample(
        type="aws:vpc/endpointPrivateDns:EndpointPrivateDns",
        needs={"vpc": _NAMED_VPC, "service": _SERVICE, "endpoint": _ENDPOINT},
        prepare=_accepted,
        inputs={"vpcEndpointId": "{endpoint.id}", "privateDnsEnabled": True},
        look=_is_named,
        seen=True,
        change={"privateDnsEnabled": False},
        seen_changed=False,
        replace={"vpcEndpointId": _OTHER},
        drift=lambda aws, it: aws("ec2").modify_vpc_endpoint(VpcEndpointId=it.id, PrivateDnsEnabled=False),
        drifts="privateDnsEnabled",
    ),
]
