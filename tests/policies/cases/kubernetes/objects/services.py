"""Cases of policies/kubernetes/rules/objects/services.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, Case, Situation, but

SCHEME = r"metadata.annotations.service\.beta\.kubernetes\.io/aws-load-balancer-scheme"
BALANCED = {
    "metadata": {"annotations": {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}},
    "spec": {"type": "LoadBalancer"},
}
CASES = [
    Case(
        rule="KU-11",
        type=type_,
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
    )
    for type_ in ("kubernetes:core/v1:Service",)
]
