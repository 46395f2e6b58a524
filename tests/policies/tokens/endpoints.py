"""Token cases of rules about endpoints and networks. Required endpoints come from the settings that create them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from settings.derived.endpoint_services import (
    EndpointService,
    NetworkKind,
    endpoint_services,
    own_endpoint_services,
    shared_endpoint_services,
)
from settings.types.kinds import ENVIRONMENTS
from tests.policies.case import document
from tests.policies.cases.network import endpoints as at_endpoints
from tests.policies.cases.network.stack_networks import NETWORK, networks
from tests.policies.cases.network.stack_networks import endpoints as members_for
from tests.policies.tokens.token_case import TokenCase, accepted, named

_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
PRINCIPAL_KEYS = ("aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
RESOURCE_KEYS = ("aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths")
SERVICE_KEYS = ("ec2:VpceServiceName", "ec2:VpceServiceOwner")
BUCKETS_OF_AWS = (
    "al2023-repos-*/*", "aws-ssm-*/*", "jumpstart-cache-prod-*/*", "prod-*-starport-layer-bucket/*",
    "sagemaker-sample-files/*",
)  # fmt: skip
"""Public buckets of AWS that its services and images read."""


def cases() -> Iterator[TokenCase]:
    principal, resource = at_endpoints.PRINCIPAL, at_endpoints.RESOURCE
    for keys, other in ((PRINCIPAL_KEYS, resource), (RESOURCE_KEYS, principal)):
        yield from accepted(
            "NW-06",
            _ENDPOINT,
            keys,
            lambda key, other=other: document(at_endpoints.allow(StringEquals=other | named(key))),
        )
    yield from accepted("NW-06", _ENDPOINT, SERVICE_KEYS, _creating)
    yield from accepted(
        "NW-06",
        _ENDPOINT,
        BUCKETS_OF_AWS,
        lambda bucket: document(
            at_endpoints.allow(StringEquals=principal | resource),
            at_endpoints.allow(resource=f"arn:aws:s3:::{bucket}", action="s3:GetObject"),
        ),
    )
    yield from _missing_endpoints()


def _creating(key: str) -> str:
    condition = at_endpoints.PRINCIPAL | named(key)
    return document(at_endpoints.allow(action=at_endpoints.MAKING, resource=at_endpoints.MADE, StringEquals=condition))


def _missing_endpoints() -> Iterator[TokenCase]:
    """Yields networks with every endpoint that the settings name for them, and networks that lack one of these."""
    kinds: tuple[NetworkKind, ...] = (*ENVIRONMENTS, "data-lake", "tooling", "governance")
    networks_of: list[tuple[dict[str, Any], set[str]]] = [
        *(({"kind": kind}, _names(endpoint_services(kind))) for kind in kinds),
        *(
            ({"kind": kind, "shared_endpoints": True}, _names(own_endpoint_services(endpoint_services(kind))))
            for kind in kinds
        ),
        ({"kind": "development", "studio": True}, _names(endpoint_services("development", studio=True))),
        ({"kind": "development", "tracking": True}, _names(endpoint_services("development", tracking=True))),
        ({"kind": "development", "spark": True}, _names(endpoint_services("development", spark=True))),
        ({"kind": "development", "data_api": True}, _names(endpoint_services("development", api=True))),
        ({"kind": "tooling", "cluster": True}, _names(endpoint_services("tooling", cluster=True))),
        ({"kind": "network", "shared_endpoints": True}, _names(shared_endpoint_services())),
        ({"kind": "network", "shared_endpoints": True, "cluster": True}, _names(shared_endpoint_services())),
    ]
    for context, services in networks_of:
        required = services - NOT_REQUIRED.get(context["kind"], set())
        required |= _AUTO_MODE if context.get("cluster") else set()
        for missing in ("", *sorted(required)):
            members = {**NETWORK, **members_for(services - {missing})}
            case = networks("ST-01", f"a network without {missing}", members, "network", **context)
            yield TokenCase("ST-01", f"{missing} of {context}", bool(missing), case)


_STEPS, _PEOPLE = {"lambda", "states"}, {"codecommit"}
_CLUSTER = {"autoscaling", "ec2", "eks", "eks-auth", "elasticloadbalancing"}
_AUTO_MODE = _CLUSTER - {"autoscaling"}
_STUDIO = {"elasticfilesystem", "notebook", "ssmmessages", "studio"}
NOT_REQUIRED: Mapping[str, set[str]] = {
    "data-lake": _STEPS,
    "tooling": _STEPS | _PEOPLE,
    "governance": _STEPS,
    "network": _PEOPLE | _CLUSTER | _STUDIO,
}
"""Endpoints that the settings name and ST-01 does not require, by kind: those of steps outside environments, those that
only people call, and among shared ones those of Studio and of governance, of which an organization may have neither."""


def _names(services: Iterable[EndpointService]) -> set[str]:
    return {service.service_name.partition("{region}.")[2] for service in services}
