"""Endpoint services that an account offers, the acceptance of their endpoints, and private DNS names on both sides.

Source: the vendor's provider, ``aws_vpc_endpoint_service``, ``aws_vpc_endpoint_service_private_dns_verification``,
``aws_vpc_endpoint_connection_accepter`` and ``aws_vpc_endpoint_private_dns`` (read 2026-12-01).
"""

from __future__ import annotations

from plinth_sandbox.provider.catalog.network.ec2.tagging import arn_of, created_as
from plinth_sandbox.provider.functions.network.endpoint_services import (
    accept_connection,
    delete_service,
    verify_name,
)
from plinth_sandbox.provider.vocabulary import Call, Resource, Update, Wait

_EC2 = "ec2"
_BALANCERS = ["gatewayLoadBalancerArns", "networkLoadBalancerArns"]
_FILLED_IN = ["supportedIpAddressTypes", "supportedRegions"]
_CHANGED = ["acceptanceRequired", "privateDnsName"]
_SERVICE = "ServiceConfigurations[0]"
_READ = Call(
    "describe_vpc_endpoint_service_configurations",
    {"ServiceIds": ["{id}"]},
    within=_SERVICE,
    gives={
        "privateDnsNameConfigurations": (
            f"{_SERVICE}.PrivateDnsNameConfiguration.[{{name: Name, state: State, type: Type, value: Value}}]"
        ),
        "serviceType": f"{_SERVICE}.ServiceType[0].ServiceType",
        "state": f"{_SERVICE}.ServiceState",
        "supportedRegions": f"{_SERVICE}.SupportedRegions[?ServiceState=='Available'].Region",
    },
)


def _change(*names: str) -> Update:
    """Returns the update of properties, of which lists are changed by added and removed elements."""
    arguments = {
        f"{verb}{name[0].upper()}{name[1:]}": f"{{{sign}{name}}}"
        for name in names
        if name not in _CHANGED
        for verb, sign in (("Add", "+"), ("Remove", "-"))
    }
    return Update(Call("modify_vpc_endpoint_service_configuration", arguments, carries=names))


VPC_ENDPOINT_SERVICE = Resource(
    type="aws:ec2/vpcEndpointService:VpcEndpointService",
    create=Call(
        "create_vpc_endpoint_service_configuration",
        carries=[*_BALANCERS, *_FILLED_IN, *_CHANGED],
        gives={"id": "ServiceConfiguration.ServiceId"},
    ),
    address={"ServiceId": "{id}"},
    read=[
        _READ,
        Call(
            "describe_vpc_endpoint_service_permissions",
            carries=[],
            gives={"allowedPrincipals": "AllowedPrincipals[].Principal"},
        ),
    ],
    update=[
        _change(*_BALANCERS, *_CHANGED),
        # One by one, because the elements that AWS filled in count as removed if another property changes.
        *(_change(name) for name in _FILLED_IN),
        Update(
            Call(
                "modify_vpc_endpoint_service_permissions",
                {"AddAllowedPrincipals": "{+allowedPrincipals}", "RemoveAllowedPrincipals": "{-allowedPrincipals}"},
                carries=["allowedPrincipals"],
            )
        ),
    ],
    delete=delete_service,
    computed=["allowedPrincipals", "privateDnsName", *_FILLED_IN],
    volatile=["privateDnsNameConfigurations"],
    derived=arn_of("vpc-endpoint-service"),
    ready=Wait(_READ, until="ServiceConfigurations[0].ServiceState == 'Available'"),
    name=None,
    tags=created_as("vpc-endpoint-service"),
)

PRIVATE_DNS_VERIFICATION = Resource(
    type="aws:vpc/endpointServicePrivateDnsVerification:EndpointServicePrivateDnsVerification",
    service=_EC2,
    create=verify_name,
    creates=["serviceId"],
    identifier="{serviceId}",
    # Like the vendor's provider, it reads and deletes nothing.
    read=[],
    local=["timeouts", "waitForVerification"],
    name=None,
)

_CONNECTION = "VpcEndpointConnections[?VpcEndpointId=='{vpcEndpointId}'] | [0]"
_READ_CONNECTION = Call(
    "describe_vpc_endpoint_connections",
    {"Filters": [{"Name": "service-id", "Values": ["{vpcEndpointServiceId}"]}]},
    within=_CONNECTION,
    carries=["vpcEndpointId"],
    gives={
        "vpcEndpointServiceId": f"({_CONNECTION}).ServiceId",
        "vpcEndpointState": f"({_CONNECTION}).VpcEndpointState",
    },
)

VPC_ENDPOINT_CONNECTION_ACCEPTER = Resource(
    type="aws:ec2/vpcEndpointConnectionAccepter:VpcEndpointConnectionAccepter",
    create=accept_connection,
    creates=["vpcEndpointId", "vpcEndpointServiceId"],
    identifier="{vpcEndpointServiceId}_{vpcEndpointId}",
    read=_READ_CONNECTION,
    delete=Call(
        "reject_vpc_endpoint_connections",
        {"ServiceId": "{vpcEndpointServiceId}", "VpcEndpointIds": ["{vpcEndpointId}"]},
    ),
    ready=Wait(
        _READ_CONNECTION,
        until=f"({_CONNECTION}).VpcEndpointState == 'available'",
        failed=f"!contains(['pending', 'pendingAcceptance'], ({_CONNECTION}).VpcEndpointState || 'missing')",
        reason=f"({_CONNECTION}).VpcEndpointState",
    ),
    name=None,
)

ENDPOINT_PRIVATE_DNS = Resource(
    type="aws:vpc/endpointPrivateDns:EndpointPrivateDns",
    service=_EC2,
    put=Call("modify_vpc_endpoint", carries=["vpcEndpointId", "privateDnsEnabled"]),
    identifier="{vpcEndpointId}",
    # Like the vendor's provider, a deletion leaves the endpoint as it is.
    read=Call("describe_vpc_endpoints", {"VpcEndpointIds": ["{vpcEndpointId}"]}, within="VpcEndpoints[0]"),
    replaces=["vpcEndpointId"],
    name=None,
)
