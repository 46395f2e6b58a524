"""Cases of policies/kubernetes/rules/objects/network_policies.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, Case, Situation, but

PORT, HTTPS = {"port": 8080, "protocol": "TCP"}, {"port": 443}
PEER = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateway"}}}
SPEC = {
    "podSelector": {},
    "ingress": [{"from": [PEER], "ports": [PORT]}],
    "egress": [
        {"to": [{"ipBlock": {"cidr": "10.0.0.0/16"}}], "ports": [{"port": 5432}]},
        {"ports": [HTTPS, {"port": 53, "protocol": "UDP"}]},
    ],
}
LABEL = r"spec.ingress.0.from.0.namespaceSelector.matchLabels.kubernetes\.io/metadata\.name"
EVERYTHING = (
    {},
    {"matchLabels": {}},
    {"matchExpressions": []},
    {"matchExpressions": [{"key": "team", "operator": "Exists"}]},
    {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["nobody"]}]},
    {"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]},
)
"""Selectors that name no value."""
FROM, PORTS = "spec.ingress.0.from", "spec.ingress.0.ports"
OUT = "spec.egress.0"

CASES = [
    Case(
        rule="KU-14",
        type="kubernetes:networking.k8s.io/v1:NetworkPolicy",
        compliant=Situation(inputs={"spec": SPEC}),
        optional=frozenset(
            {
                "spec", "spec.podSelector", "spec.ingress", "spec.ingress.0", f"{PORTS}.0.protocol",
                f"{FROM}.0.namespaceSelector", "spec.egress", "spec.egress.0", f"{OUT}.to.0.ipBlock",
                f"{OUT}.to.0.ipBlock.cidr", "spec.egress.1", "spec.egress.1.ports.0", "spec.egress.1.ports.1",
                "spec.egress.1.ports.1.protocol",
            }
        ),
        refused={
            "admits everybody on every port": but({"spec.ingress": [{}]}),
            "admits everybody": but({FROM: []}),
            "admits everybody by HTTPS": but({"spec.ingress.0": {"ports": [HTTPS]}}),
            "allows every port": but({PORTS: []}),
            "allows every port of a protocol": but({PORTS: [{"protocol": "TCP"}]}),
            "allows a range of every port": but({PORTS: [{"port": 1, "endPort": 65535}]}),
            "calls everybody on every port": but({"spec.egress": [{}]}),
            "calls everybody on a port of databases": but({f"{OUT}.to": ABSENT}),
            "calls everybody on two ports": but({"spec.egress.1.ports.0": {"port": 22}}),
            **{
                f"admits {cidr}": but({f"{FROM}.0": {"ipBlock": {"cidr": cidr}}})
                for cidr in ("0.0.0.0/0", "128.0.0.0/1", "::/0", "8.0.0.0/7", "198.51.100.7/32", "everybody")
            },
            "calls a stranger on a port of databases": but({f"{OUT}.to.0.ipBlock.cidr": "198.51.100.0/24"}),
            **{
                f"admits every pod by {number}": but({f"{FROM}.0": {"namespaceSelector": selector}})
                for number, selector in enumerate(EVERYTHING)
            },
            **{
                f"admits every pod by {number} twice": but(
                    {f"{FROM}.0": {"namespaceSelector": {}, "podSelector": selector}}
                )
                for number, selector in enumerate(EVERYTHING)
            },
            "admits every pod to whatever exists": but(
                {"spec.podSelector": EVERYTHING[3], f"{FROM}.0": {"namespaceSelector": {}}}
            ),
        },
        accepted={
            "admits every pod to one": but(
                {"spec.podSelector": {"matchLabels": {"app": "tracking"}}, f"{FROM}.0": {"namespaceSelector": {}}}
            ),
            "admits some pods of every namespace": but(
                {f"{FROM}.0": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "gateway"}}}}
            ),
            "admits a list of namespaces": but(
                {f"{FROM}.0.namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}}
            ),
            "admits all pods of the namespace": but({f"{FROM}.0": {"podSelector": {}}}),
            "admits a network": but({f"{FROM}.0": {"ipBlock": {"cidr": "100.64.0.0/16"}}}),
            "calls the agent of Pod Identity": but({f"{OUT}.to.0.ipBlock.cidr": "169.254.170.23/32"}),
            "allows a few ports": but({f"{PORTS}.0.endPort": 8090}),
            "allows an unknown port": but({f"{PORTS}.0.port": UNKNOWN}),
            "has unknown peers": but({FROM: UNKNOWN}),
            "has unknown ports": but({PORTS: UNKNOWN}),
            "has an unknown network": but({f"{OUT}.to.0.ipBlock.cidr": UNKNOWN}),
            "selects by an unknown operator": but(
                {f"{FROM}.0.namespaceSelector": {"matchExpressions": [{"key": "team", "operator": UNKNOWN}]}}
            ),
        },
    )
]  # fmt: skip
