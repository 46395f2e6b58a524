"""Cases of policies/kubernetes/rules/objects/manifests.py."""

from __future__ import annotations

from policies.kubernetes.inputs import manifests
from tests.policies.case import Case, Situation, but

API_VERSIONS = {
    "kubernetes:apps/v1:Deployment": "apps/v1",
    "kubernetes:core/v1:Pod": "v1",
    "kubernetes:rbac.authorization.k8s.io/v1:Role": "rbac.authorization.k8s.io/v1",
}
"""``apiVersion`` of some types, as the Kubernetes API names them. The others follow from the type."""
TYPES = [
    Case(
        rule="KU-01",
        type=type_,
        compliant=Situation(
            inputs={
                "apiVersion": API_VERSIONS.get(type_, manifests.api_version_and_kind(type_)[0]),
                "kind": type_.rpartition(":")[2],
            }
        ),
        refused={
            "is created as another kind": but({"kind": "PodSecurityPolicy"}),
            "is created as a kind of another group": but({"apiVersion": "extensions/v1beta1"}),
        },
    )
    for type_ in manifests.OBJECT
]
NAMESPACES = [
    Case(
        rule="KU-08",
        type=type_,
        compliant=Situation(inputs={"metadata": {"namespace": "scoring"}}),
        refused={
            "is in an empty namespace": but({"metadata.namespace": ""}),
            **{
                f"is in {name}": but({"metadata.namespace": name})
                for name in ("default", "kube-node-lease", "kube-public", "kube-system")
            },
        },
    )
    for type_ in manifests.NAMESPACED
]
SWITCH = {"enable-network-policy-controller": "true"}
EXCEPTION = Case(
    rule="KU-08",
    type=manifests.CONFIG_MAP[0],
    compliant=Situation(inputs={"metadata": {"namespace": "kube-system", "name": "amazon-vpc-cni"}, "data": SWITCH}),
    optional=frozenset(),
    refused={
        "disables network policies": but({"data.enable-network-policy-controller": "false"}),
        "changes the network otherwise": but({"data.enable-windows-ipam": "true"}),
        "is another object of Kubernetes": but({"metadata.name": "coredns"}),
        "is in another namespace": but({"metadata.namespace": "default"}),
    },
)
CASES = [*TYPES, *NAMESPACES, EXCEPTION]
