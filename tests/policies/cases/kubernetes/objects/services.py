"""Cases of policies/kubernetes/rules/objects/services.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, Case, Situation, but

PREFIX = "service.beta.kubernetes.io/aws-load-balancer-"
SCHEME, CERTIFICATE, ENCRYPTED_PORTS, TLS_POLICY = (
    rf"metadata.annotations.service\.beta\.kubernetes\.io/aws-load-balancer-{name}"
    for name in ("scheme", "ssl-cert", "ssl-ports", "ssl-negotiation-policy")
)
TYPE = "kubernetes:core/v1:Service"
BALANCED = {
    "metadata": {"annotations": {f"{PREFIX}scheme": "internal"}},
    "spec": {"type": "LoadBalancer"},
}
ENCRYPTED = {
    "metadata": {
        "annotations": {
            f"{PREFIX}ssl-cert": "arn:aws:acm:eu-west-1:111111111111:certificate/a",
            f"{PREFIX}ssl-ports": "443, admin",
            f"{PREFIX}ssl-negotiation-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        }
    },
    "spec": {"type": "LoadBalancer", "ports": [{"name": "https", "port": 443}, {"name": "admin", "port": 8443}]},
}
CASES = [
    Case(
        rule="KU-11",
        type=TYPE,
        compliant=Situation(inputs=BALANCED),
        optional=frozenset({"spec", "spec.type"}),
        refused={
            "is reached from the internet": but({SCHEME: "internet-facing"}),
            "opens a port of every node": but({"spec.type": "NodePort"}),
            "takes over an address": but({"spec.externalIPs": ["203.0.113.1"]}),
        },
        accepted={
            "has an address of the cluster": but({"spec.type": "ClusterIP", "metadata": ABSENT}),
            "takes over no address": but({"spec.externalIPs": []}),
            "takes over addresses that are unknown": but({"spec.externalIPs": UNKNOWN}),
        },
    ),
    Case(
        rule="KU-19",
        type=TYPE,
        compliant=Situation(inputs=ENCRYPTED),
        optional=frozenset(
            {"spec", "spec.type", "spec.ports", "spec.ports.0", "spec.ports.0.name", "spec.ports.1"}
            | {"spec.ports.1.port", ENCRYPTED_PORTS}
        ),
        refused={
            "has no certificate": but({CERTIFICATE: ABSENT}),
            "has a port without TLS": but({ENCRYPTED_PORTS: "443"}),
            "has the default policy": but({TLS_POLICY: ABSENT}),
            "admits TLS 1.0": but({TLS_POLICY: "ELBSecurityPolicy-2016-08"}),
            "admits TLS 1.1": but({TLS_POLICY: "ELBSecurityPolicy-TLS13-1-1-2021-06"}),
        },
        accepted={
            "has an address of the cluster": but({"spec.type": "ClusterIP", "metadata": ABSENT}),
            "encrypts all ports": but({ENCRYPTED_PORTS: ABSENT}),
            "has a port that is unknown": but({"spec.ports": [{"port": UNKNOWN}]}),
            "has a certificate that is unknown": but({CERTIFICATE: UNKNOWN}),
        },
    ),
]
