"""EC2: the resources of a call, which names them by ids of many kinds, and the condition keys of endpoints.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2" (read 2026-12-01).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moto.ec2.models import ec2_backends

from plinth_sandbox.emulator.authorization.permissions.needed import Context
from plinth_sandbox.emulator.authorization.permissions.reference import action_reference
from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.services.ec2.offered_services import is_offered, owner_of, service_named

_DECIDING = ("AcceptVpcEndpointConnections", "RejectVpcEndpointConnections")
"""Operations of the owner of a service, which name endpoints of other accounts."""

_KINDS = {
    "acl": "network-acl", "dopt": "dhcp-options", "eigw": "egress-only-internet-gateway", "eipalloc": "elastic-ip",
    "eni": "network-interface", "fl": "vpc-flow-log", "i": "instance", "igw": "internet-gateway", "nat": "natgateway",
    "pl": "prefix-list", "rtb": "route-table", "sg": "security-group", "sgr": "security-group-rule",
    "subnet": "subnet", "tgw": "transit-gateway", "tgw-attach": "transit-gateway-attachment",
    "tgw-rtb": "transit-gateway-route-table", "vol": "volume", "vpc": "vpc", "vpce": "vpc-endpoint",
    "vpce-svc": "vpc-endpoint-service",
}  # fmt: skip
"""Kind of resource, as in ARNs, by the beginning of its ids."""
_ID = re.compile(r"([a-z]+(?:-[a-z]+)?)-[0-9a-f]{8,17}")


def resources(call: Call, action: str) -> Sequence[str]:
    """Returns the ARNs of the resources that a call names, and of all resources of a kind that it creates. Resources on
    which the action is not authorized are left out: nearly all actions that only read are authorized on none."""
    where = f"arn:aws:ec2:{call.region}:{call.account}"
    reference = action_reference("ec2", action)
    kinds = {**reference.required, **reference.optional} if reference else {}
    named = {identifier: kind for kind, identifier in _identifiers(call.parameters)}
    if call.only_reads or call.name in _DECIDING:
        named = {identifier: kind for identifier, kind in named.items() if kind in kinds}
    arns = [f"{where}:{kind}/{identifier}" for identifier, kind in named.items()]
    required = reference.required if reference and not call.only_reads else ()
    created = [kind for kind in required if kind not in named.values()]
    return [*arns, *(f"{where}:{kind}/*" for kind in created)] or ["*"]


def context_of(call: Call, arn: str) -> Context:
    """Returns the condition keys of one resource of a call, if it is an endpoint or an endpoint service. Statements
    about other resources of the same call do not see them."""
    kind = arn.rpartition(":")[2].partition("/")[0]
    if kind == "vpc-endpoint-service":
        name = call.parameters.get("PrivateDnsName")
        return {"ec2:VpceServicePrivateDnsName": [str(name)]} if name else {}
    if kind != "vpc-endpoint" or call.name not in ("CreateVpcEndpoint", "DeleteVpcEndpoints", "ModifyVpcEndpoint"):
        return {}
    name = call.parameters.get("ServiceName") or _service_of(call, arn.rpartition("/")[2])
    if call.name == "CreateVpcEndpoint" and name:
        return {**_named(call, str(name)), "ec2:VpceServiceOwner": [_owner(call, str(name))]}
    return _named(call, str(name)) if name and call.name == "DeleteVpcEndpoints" else {}


def _named(call: Call, name: str) -> dict[str, Sequence[str]]:
    return {"ec2:VpceServiceName": [name], "ec2:VpceServiceRegion": [call.region]}


def _owner(call: Call, name: str) -> str:
    """Returns the owner of a service: the account that offers it, or ``amazon``."""
    if not is_offered(name):
        return "amazon"
    service = service_named(name, call.region)
    return "" if service is None else owner_of(service)


def _service_of(call: Call, identifier: str) -> str:
    endpoint = ec2_backends[call.account][call.region].vpc_end_points.get(identifier)
    return "" if endpoint is None else str(endpoint.service_name)


def _identifiers(value: Any) -> Iterator[tuple[str, str]]:
    """Yields kind and id of each resource in the parameters of a call, without those of kinds that are not known."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _identifiers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _identifiers(inner)
    elif isinstance(value, str) and (found := _ID.fullmatch(value)) and found[1] in _KINDS:
        yield _KINDS[found[1]], value
