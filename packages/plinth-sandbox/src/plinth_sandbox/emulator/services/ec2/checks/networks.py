"""EC2: what a route refers to, and dependents of a VPC, subnet or security group.

Sources: EC2 API, "Error codes", DeleteVpc, DeleteSubnet and DeleteSecurityGroup (read 2026-11-21).
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.services.ec2.subnets import subnets_by_id


def _backend(call: Call) -> Any:
    return ec2_backends[call.account][call.region]


def _associate(call: Call) -> None:
    """A route table and its subnets are in one VPC."""
    table = _backend(call).route_tables.get(call.parameters.get("RouteTableId"))
    subnet = subnets_by_id(_backend(call)).get(str(call.parameters.get("SubnetId")))
    if table is not None and subnet is not None and subnet.vpc_id != table.vpc_id:
        message = f"route table {table.id} and subnet {subnet.id} belong to different networks"
        raise AwsError("InvalidParameterValue", message)


def _route(call: Call) -> None:
    internet = str(call.parameters.get("GatewayId") or "")
    if internet.startswith("igw-") and internet not in _backend(call).internet_gateways:
        raise AwsError("InvalidGatewayID.NotFound", f"The gateway ID '{internet}' does not exist")
    gateway = call.parameters.get("NatGatewayId")
    if gateway and gateway not in _backend(call).nat_gateways:
        raise AwsError("InvalidNatGatewayID.NotFound", f"The natGateway ID '{gateway}' does not exist")


def _delete_vpc(call: Call) -> None:
    vpc_id, backend = call.parameters["VpcId"], _backend(call)
    groups = [group for group in backend.groups.get(vpc_id, {}).values() if group.name != "default"]
    in_vpc = [*backend.vpc_end_points.values(), *_interfaces(backend), *backend.transit_gateway_attachments.values()]
    gateways = [
        internet_gateway
        for internet_gateway in backend.internet_gateways.values()
        if internet_gateway.vpc and internet_gateway.vpc.id == vpc_id
    ]
    if groups or gateways or any(_vpc_of(endpoint) == vpc_id for endpoint in in_vpc if not _is_gone(endpoint)):
        raise _dependent(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


def _delete_subnet(call: Call) -> None:
    subnet_id, backend = call.parameters["SubnetId"], _backend(call)
    interfaces = any(interface.subnet.id == subnet_id for interface in _interfaces(backend))
    others = [*backend.vpc_end_points.values(), *backend.transit_gateway_attachments.values()]
    if interfaces or any(
        subnet_id in (getattr(other, "subnet_ids", None) or []) for other in others if not _is_gone(other)
    ):
        raise _dependent(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")


def _delete_group(call: Call) -> None:
    group_id, backend = call.parameters.get("GroupId"), _backend(call)
    interfaces = any(group_id == group.id for interface in _interfaces(backend) for group in interface.group_set)
    if interfaces or any(
        group_id in (endpoint.security_group_ids or []) for endpoint in backend.vpc_end_points.values()
    ):
        raise _dependent(f"resource {group_id} has a dependent object")


def _interfaces(backend: Any) -> list[Any]:
    """Returns the network interfaces. moto keeps those of deleted NAT gateways."""
    gone = {gateway._eni.id for gateway in backend.nat_gateways.values() if _is_gone(gateway)}
    return [interface for interface in backend.enis.values() if interface.id not in gone]


def _vpc_of(resource: Any) -> str | None:
    owner = getattr(resource, "subnet", resource)
    found: str | None = getattr(owner, "vpc_id", None)
    return found


def _is_gone(resource: Any) -> bool:
    return str(getattr(resource, "state", "")).startswith("delet")


def _dependent(message: str) -> AwsError:
    return AwsError("DependencyViolation", message)


CHECKS: Checks = {
    ("ec2", "AssociateRouteTable"): _associate,
    ("ec2", "CreateRoute"): _route,
    ("ec2", "DeleteSecurityGroup"): _delete_group,
    ("ec2", "DeleteSubnet"): _delete_subnet,
    ("ec2", "DeleteVpc"): _delete_vpc,
    ("ec2", "ReplaceRoute"): _route,
}
