"""EC2: endpoint services that accounts offer. moto accepts any load balancer and principal, verifies every private DNS
name at once, and deletes services that endpoints use.

Sources: EC2 API, CreateVpcEndpointServiceConfiguration, ModifyVpcEndpointServiceConfiguration,
ModifyVpcEndpointServicePermissions, DeleteVpcEndpointServiceConfigurations and "Error codes"; PrivateLink Guide,
"Configure an endpoint service" and "Delete an endpoint service" (read 2026-12-01). Texts of refusals in
github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1859, github.com/rebuy-de/aws-nuke/issues/1258,
github.com/hashicorp/terraform-provider-aws/issues/16657 and the tests of github.com/openshift/hypershift.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.vpc_service_configuration import VPCServiceConfiguration
from moto.elbv2.models import elbv2_backends
from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.ec2.offered_services import balancers_of, is_connected, own_service
from plinth_sandbox.emulator.services.ec2.patches.filters import answer_page
from plinth_sandbox.emulator.services.ec2.patches.private_dns_names import new_verification

_NETWORK_ARN = re.compile(r"arn:aws:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/net/[^/]+/[^/]+")
_PRINCIPALS = {
    "All": re.compile(r"\*"),
    "Account": re.compile(r"arn:aws:iam::\d{12}:root"),
    "Role": re.compile(r"arn:aws:iam::\d{12}:role/[\w+=,.@/-]+"),
    "User": re.compile(r"arn:aws:iam::\d{12}:user/[\w+=,.@/-]+"),
    "Service": re.compile(r"[a-z0-9.-]+\.amazonaws\.com"),
}
"""Form of principals that may connect, by type (PrivateLink Guide, "Manage permissions"; services:
github.com/aws/aws-cdk/issues/29478)."""


def _create(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    network, gateway = given.get("NetworkLoadBalancerArns", []), given.get("GatewayLoadBalancerArns", [])
    if bool(network) == bool(gateway):
        message = "exactly one of network_load_balancer_arn or gateway_load_balancer_arn is a required member"
        raise AwsError("InvalidParameter", message)
    backend = ec2_backends[call.account][call.region]
    service = VPCServiceConfiguration(
        load_balancers=_balancers(call, network, gateway),
        region=call.region,
        acceptance_required=bool(given.get("AcceptanceRequired", True)),
        private_dns_name=str(given.get("PrivateDnsName") or ""),
        supported_regions=list(given.get("SupportedRegions", [])),
        ec2_backend=backend,
    )
    service.id = f"vpce-svc-{mock_random.get_random_hex(17)}"
    service.service_name = f"com.amazonaws.vpce.{call.region}.{service.id}"
    service.endpoint_dns_name = f"{service.id}.{call.region}.vpce.amazonaws.com"
    service.verification = new_verification(service)
    service.address_types = list(given.get("SupportedIpAddressTypes", [])) or ["ipv4"]
    service.permission_ids = {}
    service._service_type_name = "Interface" if network else "GatewayLoadBalancer"
    _add_zones(call, service)
    for specification in given.get("TagSpecifications", []):
        for tag in specification.get("Tags", []):
            service.add_tag(tag["Key"], tag["Value"])
    backend.configurations[service.id] = service
    return call.reply({"ServiceConfiguration": described(service)})


def _balancers(call: Call, network: Iterable[str], gateway: Iterable[str]) -> list[Any]:
    """Returns load balancers by their ARNs. Raises AwsError for those that do not exist or have another type."""
    known = elbv2_backends[call.account][call.region].load_balancers
    for arn in network:
        if not _NETWORK_ARN.fullmatch(arn):
            code = "InvalidNetworkLoadBalancerArn.Malformed"
            raise AwsError(code, f"The specified Network Load Balancer ARN '{arn}' is malformed.")
        if arn not in known:
            code = "InvalidNetworkLoadBalancerArn.NotFound"
            raise AwsError(code, f"The specified Network Load Balancer ARN '{arn}' does not exist.")
    for arn in gateway:
        # EC2 documents no code for them. This one is of Elastic Load Balancing.
        if arn not in known or known[arn].type != "gateway":
            raise AwsError("LoadBalancerNotFound", f"Load balancer '{arn}' not found")
    return [known[arn] for arn in (*network, *gateway)]


def _add_zones(call: Call, service: VPCServiceConfiguration) -> None:
    """Enables the zones that the load balancers of a service have now. Those that they get later are not enabled
    (PrivateLink Guide, "Manage load balancers")."""
    known = elbv2_backends[call.account][call.region].load_balancers
    zones = {
        subnet._availability_zone.name: subnet._availability_zone.zone_id
        for arn in balancers_of(service)
        for subnet in known[arn].subnets
    }
    service.availability_zones = sorted(zones)
    service.zone_ids = sorted(zones.values())


def described(service: VPCServiceConfiguration) -> dict[str, Any]:
    """Returns a service as its owner sees it."""
    balancers = {
        "NetworkLoadBalancerArns": service.network_load_balancer_arns,
        "GatewayLoadBalancerArns": service.gateway_load_balancer_arns,
    }
    name = service.private_dns_name
    regions = [{"Region": region, "ServiceState": "Available"} for region in service._supported_region_names]
    return {
        "ServiceType": [{"ServiceType": service._service_type_name}],
        "ServiceId": service.id,
        "ServiceName": service.service_name,
        "ServiceState": service.service_state,
        "AvailabilityZones": service.availability_zones,
        "AvailabilityZoneIds": service.zone_ids,
        "AcceptanceRequired": service.acceptance_required,
        "ManagesVpcEndpoints": service.manages_vpc_endpoints,
        **{member: arns for member, arns in balancers.items() if arns},
        "SupportedIpAddressTypes": service.address_types,
        "BaseEndpointDnsNames": [service.endpoint_dns_name],
        **({"PrivateDnsName": name, "PrivateDnsNameConfiguration": service.verification} if name else {}),
        **({"SupportedRegions": regions} if regions else {}),
        "Tags": tags_of(service),
    }


def tags_of(service: VPCServiceConfiguration) -> list[dict[str, str]]:
    """Returns the tags of a service."""
    return [{"Key": tag["key"], "Value": tag["value"]} for tag in service.get_tags()]


def _describe(exchange: Exchange) -> Answer:
    call = exchange.call
    own = ec2_backends[call.account][call.region].configurations
    wanted = call.parameters.get("ServiceIds") or list(own)
    found = [described(own_service(call, identifier)) for identifier in wanted]
    members = {"service-id": "ServiceId", "service-name": "ServiceName", "service-state": "ServiceState"}
    return answer_page(call, "ServiceConfigurations", found, members)


def _modify(exchange: Exchange) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    service = own_service(call, given["ServiceId"])
    network, gateway = given.get("AddNetworkLoadBalancerArns", []), given.get("AddGatewayLoadBalancerArns", [])
    _balancers(call, network, gateway)
    removed = {*given.get("RemoveNetworkLoadBalancerArns", []), *given.get("RemoveGatewayLoadBalancerArns", [])}
    if removed and is_connected(service):
        raise AwsError("ExistingVpcEndpointConnections", _CONNECTED)
    service.network_load_balancer_arns = _changed(service.network_load_balancer_arns, network, removed)
    service.gateway_load_balancer_arns = _changed(service.gateway_load_balancer_arns, gateway, removed)
    if network or gateway or removed:
        _add_zones(call, service)
    types = given.get("AddSupportedIpAddressTypes", []), given.get("RemoveSupportedIpAddressTypes", [])
    service.address_types = _changed(service.address_types, *types)
    regions = given.get("AddSupportedRegions", []), given.get("RemoveSupportedRegions", [])
    service._supported_region_names = _changed(service._supported_region_names, *regions)
    if "AcceptanceRequired" in given:
        service.acceptance_required = bool(given["AcceptanceRequired"])
    name = "" if given.get("RemovePrivateDnsName") else given.get("PrivateDnsName", service.private_dns_name)
    if name != service.private_dns_name:
        service.private_dns_name = str(name)
        service.verification = new_verification(service)
    return call.reply({"Return": True})


def _changed(present: Iterable[str], added: Iterable[str], removed: Iterable[str]) -> list[str]:
    gone = set(removed)
    return [text for text in dict.fromkeys([*present, *added]) if text not in gone]


_CONNECTED = "Service has existing active VPC Endpoint connections!"


def _delete(exchange: Exchange) -> Answer:
    call = exchange.call
    own = ec2_backends[call.account][call.region].configurations
    failed = []
    for identifier in call.parameters["ServiceIds"]:
        service = own.get(identifier)
        if service is None:
            missing = f"The VpcEndpointService Id '{identifier}' does not exist"
            failed.append((identifier, "InvalidVpcEndpointService.NotFound", missing))
        elif is_connected(service):
            failed.append((identifier, "ExistingVpcEndpointConnections", _CONNECTED))
        else:
            del own[identifier]
    return call.reply({"Unsuccessful": [unsuccessful(*failure) for failure in failed]})


def unsuccessful(identifier: str, code: str, message: str) -> dict[str, Any]:
    """Returns one item of a request of which EC2 performed the others."""
    return {"ResourceId": identifier, "Error": {"Code": code, "Message": message}}


def _type_of(principal: str) -> str:
    """Returns the type of a principal. Raises AwsError for what EC2 does not accept as one."""
    for type_, form in _PRINCIPALS.items():
        if form.fullmatch(principal):
            return type_
    raise AwsError("InvalidPrincipal", f"Invalid Principal: '{principal}'")


def _permit(exchange: Exchange) -> Answer:
    """Changes who may connect. Existing connections stay (PrivateLink Guide, "Manage permissions")."""
    call, given = exchange.call, exchange.call.parameters
    service = own_service(call, given["ServiceId"])
    added = list(given.get("AddAllowedPrincipals", []))
    for principal in added:
        _type_of(principal)
    new = [principal for principal in dict.fromkeys(added) if principal not in service.permission_ids]
    for principal in new:
        service.permission_ids[principal] = f"vpce-svc-perm-{mock_random.get_random_hex(17)}"
    for principal in given.get("RemoveAllowedPrincipals", []):
        service.permission_ids.pop(principal, None)
    service.principals = list(service.permission_ids)
    permissions = [_permission(service, principal) for principal in new if principal in service.permission_ids]
    return call.reply({"AddedPrincipals": permissions, "ReturnValue": True})


def _permission(service: VPCServiceConfiguration, principal: str) -> dict[str, str]:
    identifier = service.permission_ids[principal]
    named = {"PrincipalType": _type_of(principal), "Principal": principal}
    return {**named, "ServicePermissionId": identifier, "ServiceId": service.id}


def _describe_permissions(exchange: Exchange) -> Answer:
    call = exchange.call
    service = own_service(call, call.parameters["ServiceId"])
    found = [_permission(service, principal) for principal in service.principals]
    return answer_page(call, "AllowedPrincipals", found, {"principal": "Principal", "principal-type": "PrincipalType"})


PATCHES: Patches = {
    "CreateVpcEndpointServiceConfiguration": _create,
    "DeleteVpcEndpointServiceConfigurations": _delete,
    "DescribeVpcEndpointServiceConfigurations": _describe,
    "DescribeVpcEndpointServicePermissions": _describe_permissions,
    "ModifyVpcEndpointServiceConfiguration": _modify,
    "ModifyVpcEndpointServicePermissions": _permit,
}
