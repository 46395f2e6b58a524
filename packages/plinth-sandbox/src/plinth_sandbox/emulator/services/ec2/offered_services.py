"""Endpoint services that emulated accounts offer (AWS PrivateLink): who finds them, and what is connected to them.

moto keeps the services of each account, and endpoints in the accounts of their networks. Nothing connects the two but
the name of the service.

Sources: PrivateLink Guide, "Configure an endpoint service" and "Share your services through AWS PrivateLink" (read
2026-12-01).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from plinth_sandbox.emulator.call import AwsError, Call

PREFIX = "com.amazonaws.vpce."
"""Prefix of the names of services that accounts offer."""
AVAILABLE, PENDING, REJECTED = "available", "pendingAcceptance", "rejected"
"""States of an endpoint of such a service, as EC2 writes them."""
CONNECTED = (AVAILABLE, PENDING)
"""States in which an endpoint keeps its service from being deleted (PrivateLink Guide, "Delete an endpoint
service")."""


def is_offered(name: str) -> bool:
    """Returns whether a name is one of services that accounts offer."""
    return name.startswith(PREFIX)


def offered_to(call: Call, name: str) -> VPCServiceConfiguration:
    """Returns the service with a name. Raises AwsError if the caller's principal may not connect to it."""
    service = service_named(name, call.region)
    if service is None or not may_connect(call, service):
        raise unknown_service(name)
    return service


def unknown_service(name: str) -> AwsError:
    """Returns the error for a service that does not exist, or that the caller may not connect to."""
    return AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")


def service_named(name: str, region: str) -> VPCServiceConfiguration | None:
    """Returns the service of any account with a name, or None if there is none in the region."""
    return next((service for service in all_services(region) if service.service_name == name), None)


def own_service(call: Call, identifier: str) -> VPCServiceConfiguration:
    """Returns a service of the caller's account. Raises AwsError."""
    service = ec2_backends[call.account][call.region].configurations.get(identifier)
    if service is None:
        message = f"The VpcEndpointService Id '{identifier}' does not exist"
        raise AwsError("InvalidVpcEndpointServiceId.NotFound", message)
    return service


def all_services(region: str) -> Iterator[VPCServiceConfiguration]:
    """Yields the services of all accounts in a region."""
    for account in list(ec2_backends):
        yield from ec2_backends[account][region].configurations.values()


def owner_of(service: VPCServiceConfiguration) -> str:
    return str(service.ec2_backend.account_id)


def may_connect(call: Call, service: VPCServiceConfiguration) -> bool:
    """Returns whether a caller finds a service: its owner does, and whom the owner allows."""
    return owner_of(service) == call.account or not _names_of(call).isdisjoint(service.principals)


def _names_of(call: Call) -> set[str]:
    """Returns the principals that a permission may name to include the caller."""
    names = {"*", f"arn:aws:iam::{call.account}:root"}
    session = sts_backends[call.account]["aws"].get_assumed_role_from_access_key(call.access_key)
    if session is not None:
        names.add(str(session.role_arn))
    users = iam_backends[call.account]["aws"].users.values()
    names |= {user.arn for user in users if any(key.access_key_id == call.access_key for key in user.access_keys)}
    return names


def connections_of(service: VPCServiceConfiguration) -> list[Any]:
    """Returns the endpoints of all accounts that are connected to a service, wait for it, or were rejected."""
    region = service.ec2_backend.region_name
    return [
        endpoint
        for account in list(ec2_backends)
        for endpoint in ec2_backends[account][region].vpc_end_points.values()
        if endpoint.service_name == service.service_name
    ]


def is_connected(service: VPCServiceConfiguration) -> bool:
    """Returns whether endpoints keep a service from being deleted."""
    return any(endpoint.state in CONNECTED for endpoint in connections_of(service))


def balancers_of(service: VPCServiceConfiguration) -> list[str]:
    """Returns the ARNs of the load balancers behind a service."""
    return [*service.network_load_balancer_arns, *service.gateway_load_balancer_arns]


def dns_entries_of(endpoint: Any) -> list[dict[str, str]]:
    """Returns the DNS names of an endpoint as EC2 describes them."""
    return [
        {"DnsName": dns_entry["dns_name"], "HostedZoneId": dns_entry["hosted_zone_id"]}
        for dns_entry in endpoint.dns_entries
    ]


def is_verified(service: VPCServiceConfiguration) -> bool:
    """Returns whether consumers may use the private DNS name of a service."""
    return bool(service.verification.get("State") == "verified")
