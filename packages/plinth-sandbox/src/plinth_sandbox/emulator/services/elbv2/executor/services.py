"""Load balancer that a Kubernetes Service requests from the controller of EKS Auto Mode.

Sources: EKS User Guide, "Use Service Annotations to configure Network Load Balancers"; AWS Load Balancer Controller,
"Service annotations" (read 2026-11-29).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CLASS = "eks.amazonaws.com/nlb"
"""Class of the load balancers of Auto Mode, which is the default of the cluster."""
FINALIZER = "service.eks.amazonaws.com/resources"
"""Finalizer that keeps a Service until its load balancer is deleted."""
_PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
_OLDEST_POLICY = "ELBSecurityPolicy-2016-08"
"""TLS policy of listeners without another one."""
_ANYWHERE = ("0.0.0.0/0",)
_HASH, _PART = 10, 8
"""Characters of a name: of its hash, and of the namespace and the Service in it."""


class UnfulfilledError(Exception):
    """The controller does not create what a Service asks for. Its text is the message of the event."""


@dataclass(frozen=True, slots=True)
class Health:
    """Health check of a target group."""

    protocol: str
    path: str
    port: str
    """Port, or ``traffic-port``."""
    interval_seconds: int
    timeout_seconds: int


@dataclass(frozen=True, slots=True)
class WantedListener:
    """A listener with its target group."""

    port: int
    port_name: str
    """Name of the port in the Service, which the addresses of its pods name too."""
    group_name: str
    certificates: tuple[str, ...]
    """ARNs of certificates in ACM, the default one first. Without any, the listener does not use TLS."""
    tls_policy: str

    @property
    def protocol(self) -> str:
        return "TLS" if self.certificates else "TCP"


@dataclass(frozen=True, slots=True)
class WantedBalancer:
    """The Network Load Balancer of a Service."""

    name: str
    stack: str
    """Namespace and name of the Service, which the tags of all parts contain."""
    scheme: str
    subnets: tuple[str, ...]
    """Ids of the subnets. Without any, the tags of the subnets say which."""
    attributes: Mapping[str, str]
    source_ranges: tuple[str, ...]
    health: Health
    listeners: tuple[WantedListener, ...]


def is_balanced(service: Mapping[str, Any]) -> bool:
    """Returns whether a Service is one for this controller."""
    specification = service["spec"]
    return (specification.get("type"), specification.get("loadBalancerClass", CLASS)) == ("LoadBalancer", CLASS)


def stack_of(service: Mapping[str, Any]) -> str:
    """Returns the namespace and the name of a Service, as the tags of its load balancer contain them."""
    return f"{service['metadata']['namespace']}/{service['metadata']['name']}"


def balancer_name(cluster: str, service: Mapping[str, Any]) -> str:
    """Returns the name of the load balancer of a Service: the one that it sets, or one that is made for it."""
    metadata = service["metadata"]
    return _annotations(metadata).get("name") or _name(metadata, cluster, str(metadata["uid"]))


def wanted_balancer(cluster: str, service: Mapping[str, Any]) -> WantedBalancer:
    """Returns the load balancer that a Service asks for. Raises UnfulfilledError."""
    metadata, specification = service["metadata"], service["spec"]
    given = _annotations(metadata)
    if (target := given.get("nlb-target-type", "instance")) != "ip":
        raise UnfulfilledError(f"The sandbox has no instances for targets of the type {target}; set it to ip")
    if (scheme := given.get("scheme", "internal")) not in ("internal", "internet-facing"):
        raise UnfulfilledError(f"unknown scheme: {scheme}")
    certificates = tuple(_listed(given.get("ssl-cert", "")))
    encrypted = _listed(given.get("ssl-ports", ""))
    policy = given.get("ssl-negotiation-policy", _OLDEST_POLICY)
    listeners = []
    for port in specification["ports"]:
        if port.get("protocol", "TCP") != "TCP":
            raise UnfulfilledError(f"The sandbox balances TCP, not {port['protocol']}")
        number, name = int(port["port"]), str(port.get("name", ""))
        is_encrypted = not encrypted or str(number) in encrypted or name in encrypted
        group = _name(metadata, cluster, str(metadata["uid"]), str(number), str(port.get("targetPort", number)))
        listeners.append(WantedListener(number, name, group, certificates if is_encrypted else (), policy))
    return WantedBalancer(
        name=balancer_name(cluster, service),
        stack=stack_of(service),
        scheme=scheme,
        subnets=tuple(_listed(given.get("subnets", ""))),
        attributes=dict(
            attribute.split("=", 1) for attribute in _listed(given.get("attributes", "")) if "=" in attribute
        ),
        source_ranges=tuple(specification.get("loadBalancerSourceRanges") or _ANYWHERE),
        health=_health(given),
        listeners=tuple(listeners),
    )


def _health(given: Mapping[str, str]) -> Health:
    protocol = given.get("healthcheck-protocol", "TCP").upper()
    return Health(
        protocol=protocol,
        path=given.get("healthcheck-path", "/"),
        port=given.get("healthcheck-port", "traffic-port"),
        interval_seconds=int(given.get("healthcheck-interval", "10")),
        timeout_seconds=int(given.get("healthcheck-timeout", "10" if protocol == "TCP" else "6")),
    )


def _annotations(metadata: Mapping[str, Any]) -> dict[str, str]:
    found = metadata.get("annotations") or {}
    return {key.removeprefix(_PREFIX): str(value) for key, value in found.items() if key.startswith(_PREFIX)}


def _listed(text: str) -> Sequence[str]:
    return [part for part in re.split(r"[,\s]+", text) if part]


def _name(metadata: Mapping[str, Any], *told: str) -> str:
    """Returns a name of at most 32 characters, the limit of load balancers and target groups."""
    parts = [re.sub("[^a-z0-9]", "", str(metadata[member]))[:_PART] for member in ("namespace", "name")]
    return "-".join(["k8s", *parts, hashlib.sha256("/".join(told).encode()).hexdigest()[:_HASH]])
