"""The rules about services: they are reached inside the network only, and from outside the cluster over TLS."""

from __future__ import annotations

import re

from policies.evaluation.readers import UNKNOWN, Properties
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from policies.kubernetes.inputs.manifests import SERVICE

_PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
_SCHEME, _CERTIFICATE = f"{_PREFIX}scheme", f"{_PREFIX}ssl-cert"
_ENCRYPTED_PORTS, _TLS_POLICY = f"{_PREFIX}ssl-ports", f"{_PREFIX}ssl-negotiation-policy"
_NODE_PORT, _LOAD_BALANCER, _INTERNAL = "NodePort", "LoadBalancer", "internal"
_MODERN = re.compile(r"ELBSecurityPolicy-TLS13-1-[23]-[A-Za-z0-9-]+")
"""Names of the policies of Elastic Load Balancing without TLS 1.0 and 1.1 (ELB User Guide, "Security policies for your
Network Load Balancer")."""
_EXAMPLE = "ELBSecurityPolicy-TLS13-1-2-2021-06"


def is_reached_inside_the_network(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.value("spec", "externalIPs") not in (None, [], UNKNOWN):
        return violation("takes over traffic of other addresses (spec.externalIPs)", fix="remove it")
    if properties.text("spec", "type") == _NODE_PORT:
        return violation(
            "opens a port of every node (spec.type)", fix=f"use ClusterIP, or {_LOAD_BALANCER} with an internal scheme"
        )
    scheme = properties.text("metadata", "annotations", _SCHEME)
    if properties.text("spec", "type") == _LOAD_BALANCER and scheme not in (_INTERNAL, UNKNOWN):
        return violation(
            f"may be reached from the internet (metadata.annotations, {_SCHEME})", fix=f"set it to {_INTERNAL}"
        )
    return None


def encrypts_what_leaves_the_cluster(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.text("spec", "type") != _LOAD_BALANCER:
        return None
    if not properties.text("metadata", "annotations", _CERTIFICATE):
        return violation(
            f"has no certificate (metadata.annotations, {_CERTIFICATE})", fix="set it to the ARN of one in ACM"
        )
    encrypted = properties.text("metadata", "annotations", _ENCRYPTED_PORTS)
    if encrypted and encrypted is not UNKNOWN:
        listed = re.split(r"[,\s]+", encrypted)
        if any(not _is_listed(port, listed) for port in properties.blocks("spec", "ports")):
            return violation(
                f"has a port without TLS (metadata.annotations, {_ENCRYPTED_PORTS})", fix="list each port of spec.ports"
            )
    policy = properties.text("metadata", "annotations", _TLS_POLICY)
    if policy is not UNKNOWN and not _MODERN.fullmatch(policy or ""):
        return violation(f"admits TLS 1.0 (metadata.annotations, {_TLS_POLICY})", fix=f"set it to {_EXAMPLE}")
    return None


def _is_listed(port: Properties, listed: list[str]) -> bool:
    """Whether a port is among those with TLS, by its number or its name, or may be."""
    number, name = port.number("port"), port.text("name")
    if number is UNKNOWN or name is UNKNOWN:
        return True
    return name in listed or (number is not None and str(int(number)) in listed)


RULES = (
    Rule(
        id="KU-11",
        title="Services are reached inside the network only",
        severity="high",
        sources=("NET-01", "CVE-2020-8554"),
        remedy="Use ClusterIP, or a load balancer whose scheme is internal, and no external addresses.",
        checks=for_each(SERVICE, is_reached_inside_the_network),
    ),
    Rule(
        id="KU-19",
        title="Load balancers of services terminate TLS 1.2 or newer",
        severity="high",
        sources=("ELB.3", "ELB.17"),
        remedy="Name a certificate of ACM, encrypt each port, and set a TLS policy without TLS 1.0 and 1.1.",
        checks=for_each(SERVICE, encrypts_what_leaves_the_cluster),
    ),
)
