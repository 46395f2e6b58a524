"""EC2: what consumers see of the services that accounts offer, and connections that their owners accept or reject. moto
knows the services of the caller only, and no connections.

Sources: EC2 API, DescribeVpcEndpointServices, DescribeVpcEndpointConnections, AcceptVpcEndpointConnections,
RejectVpcEndpointConnections and "Error codes"; PrivateLink Guide, "Configure an endpoint service" and "Create an
endpoint service" (read 2026-12-01). They do not say what EC2 answers if an endpoint was accepted or rejected before:
here it stays what it is, or becomes it.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.ec2.models.vpcs import VPCBackend

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.ec2.offered_services import (
    AVAILABLE,
    REJECTED,
    all_services,
    connections_of,
    dns_entries_of,
    may_connect,
    own_service,
    owner_of,
    unknown_service,
)
from plinth_sandbox.emulator.services.ec2.patches.endpoint_services import tags_of, unsuccessful
from plinth_sandbox.emulator.services.ec2.patches.filters import answer_page

_MOST_SERVICES = 1000
"""Services of one page (EC2 API, DescribeVpcEndpointServices)."""


def _describe_services(exchange: Exchange) -> Answer:
    """Describes the services of AWS, and those of accounts that the caller may connect to."""
    call, given = exchange.call, exchange.call.parameters
    own = [_offered(call, service) for service in all_services(call.region) if may_connect(call, service)]
    known = [*VPCBackend._collect_default_endpoint_services(call.account, call.region), *own]
    names = list(given.get("ServiceNames", []))
    existing = {service["ServiceName"] for service in known}
    for name in names:
        if name not in existing:
            raise unknown_service(name)
    # moto reads the values of a filter from another member than it verifies.
    filters = [{**filter_, "Value": filter_.get("Values", [])} for filter_ in given.get("Filters", [])]
    found = sorted(
        VPCBackend._filter_endpoint_services(names, filters, known),
        key=lambda endpoint_service: str(endpoint_service["ServiceName"]),
    )
    shown, following = page(found, given, _MOST_SERVICES)
    return call.reply(
        {"ServiceNames": [service["ServiceName"] for service in shown], "ServiceDetails": list(shown), **following}
    )


def _offered(call: Call, service: VPCServiceConfiguration) -> dict[str, Any]:
    """Returns a service as consumers see it, without the tags of its owner."""
    name = service.private_dns_name
    private = {
        "PrivateDnsName": name,
        "PrivateDnsNames": [{"PrivateDnsName": name}],
        "PrivateDnsNameVerificationState": service.verification.get("State", ""),
    }
    return {
        "ServiceName": service.service_name,
        "ServiceId": service.id,
        "ServiceType": [{"ServiceType": service._service_type_name}],
        "ServiceRegion": call.region,
        "AvailabilityZones": _zone_names(call, service),
        "AvailabilityZoneIds": service.zone_ids,
        "Owner": owner_of(service),
        "BaseEndpointDnsNames": [service.endpoint_dns_name],
        **(private if name else {}),
        "VpcEndpointPolicySupported": False,
        "AcceptanceRequired": service.acceptance_required,
        "ManagesVpcEndpoints": False,
        "SupportedIpAddressTypes": service.address_types,
        "Tags": tags_of(service) if owner_of(service) == call.account else [],
    }


def _zone_names(call: Call, service: VPCServiceConfiguration) -> list[str]:
    """Returns the zones of a service under the names that the caller's account has for them."""
    zones = ec2_backends[call.account][call.region].describe_availability_zones()
    return sorted(zone.name for zone in zones if zone.zone_id in service.zone_ids)


def _describe_connections(exchange: Exchange) -> Answer:
    """Describes the connections with the caller's services."""
    call = exchange.call
    services = ec2_backends[call.account][call.region].configurations.values()
    found = [
        {
            "ServiceId": service.id,
            "VpcEndpointId": endpoint.id,
            "VpcEndpointOwner": endpoint.owner_id,
            "VpcEndpointState": endpoint.state,
            "CreationTimestamp": endpoint.creation_timestamp,
            "DnsEntries": dns_entries_of(endpoint),
            "NetworkLoadBalancerArns": service.network_load_balancer_arns,
            "GatewayLoadBalancerArns": service.gateway_load_balancer_arns,
            "IpAddressType": "ipv4",
            "VpcEndpointConnectionId": endpoint.connection_id,
            "VpcEndpointRegion": call.region,
        }
        for service in services
        for endpoint in connections_of(service)
    ]
    members = {
        "ip-address-type": "IpAddressType",
        "service-id": "ServiceId",
        "vpc-endpoint-id": "VpcEndpointId",
        "vpc-endpoint-owner": "VpcEndpointOwner",
        "vpc-endpoint-region": "VpcEndpointRegion",
        "vpc-endpoint-state": "VpcEndpointState",
    }
    return answer_page(call, "VpcEndpointConnections", found, members)


def _decide(exchange: Exchange, state: str) -> Answer:
    """Accepts or rejects connections with a service of the caller."""
    call = exchange.call
    service = own_service(call, call.parameters["ServiceId"])
    known = {endpoint.id: endpoint for endpoint in connections_of(service)}
    failed = []
    for identifier in call.parameters["VpcEndpointIds"]:
        if identifier in known:
            known[identifier].state = state
        else:
            message = f"The Vpc Endpoint Id '{identifier}' does not exist"
            failed.append(unsuccessful(identifier, "InvalidVpcEndpointId.NotFound", message))
    return call.reply({"Unsuccessful": failed})


PATCHES: Patches = {
    "AcceptVpcEndpointConnections": lambda exchange: _decide(exchange, AVAILABLE),
    "DescribeVpcEndpointConnections": _describe_connections,
    "DescribeVpcEndpointServices": _describe_services,
    "RejectVpcEndpointConnections": lambda exchange: _decide(exchange, REJECTED),
}
