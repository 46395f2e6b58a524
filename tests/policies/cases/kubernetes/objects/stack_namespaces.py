"""Cases of policies/kubernetes/rules/objects/stack_namespaces.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import Case, Member, Situation, StackCase, but

LEVEL = r"metadata.labels.pod-security\.kubernetes\.io/enforce"
NAMESPACE = "kubernetes:core/v1:Namespace"
CASES = [
    Case(
        rule="KU-10",
        type=NAMESPACE,
        compliant=Situation(inputs={"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}),
        refused={"admits host paths": but({LEVEL: "baseline"}), "admits everything": but({LEVEL: "privileged"})},
    )
]
DENIAL = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
GUARDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "policy": ("kubernetes:networking.k8s.io/v1:NetworkPolicy", DENIAL),
    "quota": ("kubernetes:core/v1:ResourceQuota", {"hard": {"requests.cpu": "4"}}),
    "range": ("kubernetes:core/v1:LimitRange", {"limits": [{"type": "Container"}]}),
}


def guarded(what: str, *refused: str, without: str = "", namespace: object = "scoring", **specs: Any) -> StackCase:
    """Returns a namespace with its guards, of which some have another specification or are missing."""
    members = {
        "scoring": Member(type=NAMESPACE, inputs={"metadata": {"name": "scoring"}}),
        **{
            name: Member(type=type_, inputs={"metadata": {"namespace": namespace}, "spec": specs.get(name, spec)})
            for name, (type_, spec) in GUARDS.items()
            if name != without
        },
    }
    return StackCase(rule="KU-10", type=NAMESPACE, what=what, members=members, refused=frozenset(refused))


def made_from(what: str, source: str, *refused: str, namespace: object = UNKNOWN) -> StackCase:
    """Returns a namespace whose name only the cluster knows, with guards that are made from a namespace."""
    members = {
        "scoring": Member(type=NAMESPACE, inputs={"metadata": {"name": UNKNOWN}}),
        "other": Member(type="kubernetes:core/v1:ConfigMap", inputs={}),
        **{
            name: Member(
                type=type_, inputs={"metadata": {"namespace": namespace}, "spec": spec}, sources={"metadata": source}
            )
            for name, (type_, spec) in GUARDS.items()
        },
    }
    return StackCase(rule="KU-10", type=NAMESPACE, what=what, members=members, refused=frozenset(refused))


OPEN = {"from": [{"podSelector": {}}]}
STACK_CASES = [
    guarded("a guarded namespace"),
    *(guarded(f"a namespace without {name}", "scoring", without=name) for name in GUARDS),
    guarded("a namespace with guards of another", "scoring", namespace="training"),
    guarded("guards without a namespace", "scoring", namespace=None),
    guarded("guards of a namespace that only the cluster knows, made from another", "scoring", namespace=UNKNOWN),
    guarded("a policy for some pods", "scoring", policy=DENIAL | {"podSelector": {"matchLabels": {"a": "b"}}}),
    guarded("a policy without a selector", "scoring", policy={"policyTypes": ["Ingress", "Egress"]}),
    guarded("a policy about incoming traffic", "scoring", policy=DENIAL | {"policyTypes": ["Ingress"]}),
    guarded("a policy about outgoing traffic", "scoring", policy=DENIAL | {"policyTypes": ["Egress"]}),
    guarded("a policy about no traffic", "scoring", policy={"podSelector": {}}),
    guarded("a policy that allows incoming traffic", "scoring", policy=DENIAL | {"ingress": [OPEN]}),
    guarded("a policy that allows outgoing traffic", "scoring", policy=DENIAL | {"egress": [{}]}),
    guarded("a policy with empty rules", policy=DENIAL | {"ingress": [], "egress": []}),
    guarded("a policy of unknown types", policy=DENIAL | {"policyTypes": UNKNOWN}),
    guarded("a policy with an unknown selector", policy=DENIAL | {"podSelector": UNKNOWN}),
    guarded("a policy with unknown rules", policy=DENIAL | {"ingress": UNKNOWN}),
    guarded("an empty quota", "scoring", quota={"hard": {}}),
    guarded("an empty range", "scoring", range={"limits": []}),
    guarded("an unknown quota", quota=UNKNOWN),
    made_from("a namespace with guards made from it", "scoring"),
    made_from("a namespace with guards made from something else", "other", "scoring"),
    made_from("a namespace with guards of another name, made from it", "scoring", "scoring", namespace="training"),
]
