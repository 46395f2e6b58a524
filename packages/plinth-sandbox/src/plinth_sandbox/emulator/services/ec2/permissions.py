"""EC2: the resources of a call, which names them by ids of many kinds.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2" (read 2026-11-25).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plinth_sandbox.emulator.authorization.permissions.reference import action_reference
from plinth_sandbox.emulator.call import Call

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
    """Returns the ARNs of the resources that a call names, and of all resources of a kind that it creates. Calls that
    only read have no resources."""
    if call.only_reads:
        return ["*"]
    where = f"arn:aws:ec2:{call.region}:{call.account}"
    named = {identifier: kind for kind, identifier in _identifiers(call.parameters)}
    arns = [f"{where}:{kind}/{identifier}" for identifier, kind in named.items()]
    reference = action_reference("ec2", action)
    created = [kind for kind in (reference.required if reference else ()) if kind not in named.values()]
    return [*arns, *(f"{where}:{kind}/*" for kind in created)] or ["*"]


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
