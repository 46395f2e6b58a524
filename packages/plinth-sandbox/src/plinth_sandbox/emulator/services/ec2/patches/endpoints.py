"""EC2: members of VPC endpoints that moto loses, and endpoints of services that accounts offer.

Sources: EC2 API, CreateVpcEndpoint and ModifyVpcEndpoint; PrivateLink Guide, "Share your services through AWS
PrivateLink" (read 2026-12-01).
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.ec2.models.vpcs import VPCEndPoint
from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.ec2.offered_services import AVAILABLE, PENDING, dns_entries_of, service_named


def _endpoints(call: Call, identifiers: list[str]) -> list[VPCEndPoint]:
    known = ec2_backends[call.account][call.region].vpc_end_points
    return [known[identifier] for identifier in identifiers if identifier in known]


def _create(exchange: Exchange) -> Answer:
    """Sets defaults that moto omits: an endpoint without a type is a gateway, and gateways have no private DNS
    names."""
    answer, call = exchange.below(), exchange.call
    if not answer.succeeded:
        return answer
    described = call.result(answer)["VpcEndpoint"]
    (endpoint,) = _endpoints(call, [described["VpcEndpointId"]])
    if call.parameters.get("VpcEndpointType", "Gateway") == "Gateway":
        endpoint.vpc_endpoint_type, endpoint.private_dns_enabled = "Gateway", False
        changed: dict[str, Any] = {"VpcEndpointType": "Gateway", "PrivateDnsEnabled": False}
    elif (service := service_named(endpoint.service_name, call.region)) is not None:
        changed = _connect(endpoint, service, is_named=bool(call.parameters.get("PrivateDnsEnabled")))
    else:
        return answer
    return call.reply({"VpcEndpoint": described | changed})


def _connect(endpoint: VPCEndPoint, service: VPCServiceConfiguration, *, is_named: bool) -> dict[str, Any]:
    """Connects an endpoint with a service of an account, which may have to accept it, and returns changed members."""
    endpoint.state = PENDING if service.acceptance_required else AVAILABLE
    endpoint.connection_id = f"vpce-con-{mock_random.get_random_hex(17)}"
    endpoint.names = _own_names(endpoint, service)
    _enable_name(endpoint, service, is_named=is_named)
    return {"State": endpoint.state, "PrivateDnsEnabled": is_named, "DnsEntries": dns_entries_of(endpoint)}


def _own_names(endpoint: VPCEndPoint, service: VPCServiceConfiguration) -> list[str]:
    """Returns the regional name of an endpoint, and one for each of its zones."""
    subnets = ec2_backends[endpoint.owner_id][service.ec2_backend.region_name].subnets
    zones = sorted(
        zone for zone, members in subnets.items() if not members.keys().isdisjoint(endpoint.subnet_ids or ())
    )
    unique = f"{endpoint.id}-{mock_random.get_random_hex(8)}"
    return [f"{first}.{service.endpoint_dns_name}" for first in (unique, *(f"{unique}-{zone}" for zone in zones))]


def _enable_name(endpoint: VPCEndPoint, service: VPCServiceConfiguration, *, is_named: bool) -> None:
    """Adds the private DNS name of a service to the names of an endpoint, or removes it."""
    endpoint.private_dns_enabled = is_named
    endpoint.private_dns_name = service.private_dns_name if is_named else ""
    names = [*endpoint.names, *([endpoint.private_dns_name] if is_named else [])]
    zone = next((entry["hosted_zone_id"] for entry in endpoint.dns_entries or []), "")
    endpoint.dns_entries = [{"dns_name": name, "hosted_zone_id": zone} for name in names]


def _modify(exchange: Exchange) -> Answer:
    """Modifies an endpoint. moto records a gateway's route tables without adding routes, and ignores private DNS and a
    policy reset."""
    answer, given = exchange.below(), exchange.call.parameters
    for endpoint in _endpoints(exchange.call, [given["VpcEndpointId"]]) if answer.succeeded else []:
        if "PrivateDnsEnabled" in given:
            endpoint.private_dns_enabled = given["PrivateDnsEnabled"]
            service = service_named(endpoint.service_name, exchange.call.region)
            if service is not None:
                _enable_name(endpoint, service, is_named=given["PrivateDnsEnabled"])
        if given.get("ResetPolicy"):
            endpoint.policy_document = VPCEndPoint.DEFAULT_POLICY
        if endpoint.destination_prefix_list_id:
            _reroute(exchange.call, endpoint)
    return answer


def _reroute(call: Call, endpoint: VPCEndPoint) -> None:
    backend, prefix_list = ec2_backends[call.account][call.region], endpoint.destination_prefix_list_id
    for table in call.parameters.get("AddRouteTableIds", []):
        backend.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list)
    for table in call.parameters.get("RemoveRouteTableIds", []):
        backend.delete_route(table, prefix_list)


def _delete(exchange: Exchange) -> Answer:
    """Removes deleted endpoints at once. moto keeps them forever; in AWS they are gone after minutes."""
    answer = exchange.below()
    if answer.succeeded:
        for endpoint in _endpoints(exchange.call, exchange.call.parameters["VpcEndpointIds"]):
            del ec2_backends[exchange.call.account][exchange.call.region].vpc_end_points[endpoint.id]
    return answer


PATCHES: Patches = {"CreateVpcEndpoint": _create, "DeleteVpcEndpoints": _delete, "ModifyVpcEndpoint": _modify}
