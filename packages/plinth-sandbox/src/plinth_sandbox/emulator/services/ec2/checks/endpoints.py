"""EC2: what an endpoint refers to, its policy, and its private DNS names.

Sources: EC2 API, "Error codes", CreateVpcEndpoint and ModifyVpcEndpoint; PrivateLink Guide, "Create an interface
endpoint", "Share your services through AWS PrivateLink" and "Manage DNS names for VPC endpoint services" (read
2026-12-01). Texts of refusals in github.com/pulumi/pulumi-aws-native/issues/1711,
github.com/aws/aws-sdk-go-v2/issues/1024, github.com/crossplane-contrib/provider-aws/issues/1363 and published
Terraform modules.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.services.ec2.checks.endpoint_services import is_endpoint_service
from plinth_sandbox.emulator.services.ec2.offered_services import (
    AVAILABLE,
    is_offered,
    is_verified,
    offered_to,
    service_named,
    unknown_service,
)
from plinth_sandbox.emulator.services.ec2.subnets import subnets_of

LONGEST_ENDPOINT_POLICY = 20_480
"""Characters, white space included: PrivateLink Guide, "Quotas" (read 2026-11-21)."""
_EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def _backend(call: Call) -> Any:
    return ec2_backends[call.account][call.region]


def _create(call: Call) -> None:
    parameters, backend = call.parameters, _backend(call)
    name = parameters.get("ServiceName", "")
    service = offered_to(call, name) if is_offered(name) else None
    if name and service is None and not is_endpoint_service(name, call.region):
        raise unknown_service(name)
    subnets = parameters.get("SubnetIds", [])
    _require_zones(backend, subnets)
    _require_short_policy(parameters)
    if service is not None:
        _require_type(service, parameters.get("VpcEndpointType", "Gateway"))
        _require_common_zones(backend, service, subnets)
        _require_no_policy(service, parameters)
    if parameters.get("VpcEndpointType") == "Interface" and parameters.get("PrivateDnsEnabled"):
        if service is not None:
            _require_usable_name(service, "pending" if service.acceptance_required else AVAILABLE)
        _require_names(backend, str(parameters.get("VpcId")), name, service)


def _modify(call: Call) -> None:
    parameters, backend = call.parameters, _backend(call)
    _require_short_policy(parameters)
    for table in parameters.get("AddRouteTableIds", []):
        if table not in backend.route_tables:
            raise AwsError("InvalidRouteTableID.NotFound", f"The routeTable ID '{table}' does not exist")
    endpoint = backend.vpc_end_points.get(parameters["VpcEndpointId"])
    if endpoint is None:
        return
    service = service_named(endpoint.service_name, call.region)
    if service is not None:
        _require_common_zones(backend, service, parameters.get("AddSubnetIds", []))
        _require_no_policy(service, parameters)
    if parameters.get("PrivateDnsEnabled") and not endpoint.private_dns_enabled:
        if service is not None:
            _require_usable_name(service, endpoint.state)
        _require_names(backend, endpoint.vpc_id, endpoint.service_name, service)


def _require_zones(backend: Any, identifiers: Iterable[str]) -> None:
    """An endpoint has at most one subnet in a zone. Unknown subnets are in the table of references."""
    taken = set()
    for subnet in subnets_of(backend, identifiers):
        if subnet.availability_zone in taken:
            message = f"Found another VPC endpoint subnet in the availability zone of {subnet.id}."
            raise AwsError("DuplicateSubnetsInSameZone", message)
        taken.add(subnet.availability_zone)


def _require_common_zones(backend: Any, service: VPCServiceConfiguration, identifiers: Iterable[str]) -> None:
    """An endpoint has subnets in zones of its service only. The ids of zones decide, which all accounts share."""
    for subnet in subnets_of(backend, identifiers):
        if subnet.availability_zone_id not in service.zone_ids:
            message = f"The VPC endpoint service {service.service_name} does not support the availability zone"
            raise AwsError("InvalidParameter", f"{message} of the subnet: {subnet.id}.")


def _require_type(service: VPCServiceConfiguration, type_: str) -> None:
    if type_ != service._service_type_name:
        message = f"Endpoint type ({type_}) does not match available service types ([{service._service_type_name}])."
        raise AwsError("InvalidParameter", message)


def _require_short_policy(parameters: dict[str, Any]) -> None:
    if len(parameters.get("PolicyDocument") or "") > LONGEST_ENDPOINT_POLICY:
        message = f"The policy document exceeds {LONGEST_ENDPOINT_POLICY} characters."
        raise AwsError("InvalidPolicyDocument", message)


def _require_no_policy(service: VPCServiceConfiguration, parameters: dict[str, Any]) -> None:
    """Services of accounts do not read the policy of an endpoint, so EC2 accepts the one that allows everything."""
    text = parameters.get("PolicyDocument")
    if text and not _allows_everything(text):
        message = f"Service {service.service_name} only supports the full-access endpoint policy."
        raise AwsError("InvalidParameter", message)


def _allows_everything(text: str) -> bool:
    try:
        statements = json.loads(text)["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        message = "The specified policy document is not a valid JSON policy document."
        raise AwsError("InvalidPolicyDocument", message) from error
    (statement, *others) = statements if isinstance(statements, list) else [statements]
    members = {name: value for name, value in statement.items() if name != "Sid"}
    return not others and all(_EVERYTHING.get(name) in (value, [value]) for name, value in members.items())


def _require_usable_name(service: VPCServiceConfiguration, state: str) -> None:
    """Private DNS needs a verified name of the service, and an endpoint that its owner has accepted."""
    refused = f"Private DNS can't be enabled because the service {service.service_name}"
    if not service.private_dns_name:
        raise AwsError("InvalidParameter", f"{refused} does not provide a private DNS name.")
    if not is_verified(service):
        raise AwsError("InvalidParameter", f"{refused} has not verified the private DNS name.")
    if state != AVAILABLE:
        message = "Private DNS can only be enabled after the endpoint connection is accepted by the owner of"
        raise AwsError("InvalidParameter", f"{message} {service.service_name}.")


def _require_names(backend: Any, vpc_id: str, name: str, service: VPCServiceConfiguration | None) -> None:
    """Private DNS names need two attributes of the VPC, and one endpoint with the name."""
    vpc = backend.vpcs.get(vpc_id)
    if vpc is None:
        return
    if not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
        message = (
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true"
        )
        raise AwsError("InvalidParameter", f"{message} for {vpc_id}")
    wanted = service.private_dns_name if service is not None else name
    for endpoint in backend.vpc_end_points.values():
        taken = getattr(endpoint, "private_dns_name", "") or endpoint.service_name
        if endpoint.vpc_id == vpc_id and endpoint.private_dns_enabled and taken == wanted:
            message = (
                f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for {wanted}"
            )
            raise AwsError("InvalidParameter", f"{message} in the VPC {vpc_id}")


CHECKS: Checks = {("ec2", "CreateVpcEndpoint"): _create, ("ec2", "ModifyVpcEndpoint"): _modify}
