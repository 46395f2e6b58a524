"""The rule about services: they are reached inside the network only."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from policies.kubernetes.inputs.manifests import SERVICE

_SCHEME = "service.beta.kubernetes.io/aws-load-balancer-scheme"
_NODE_PORT, _LOAD_BALANCER, _INTERNAL = "NodePort", "LoadBalancer", "internal"


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


RULES = (
    Rule(
        id="KU-11",
        title="Services are reached inside the network only",
        severity="high",
        sources=("NET-01", "CVE-2020-8554"),
        remedy="Use ClusterIP, or a load balancer whose scheme is internal, and no external addresses.",
        checks=for_each(SERVICE, is_reached_inside_the_network),
    ),
)
