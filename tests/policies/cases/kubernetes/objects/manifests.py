"""Cases of policies/kubernetes/rules/objects/manifests.py."""

from __future__ import annotations

from policies.kubernetes.inputs import manifests
from tests.policies.case import Case, Prohibition, Situation, but

OBJECT = (
    "kubernetes:core/v1:Pod",
    "kubernetes:core/v1:PodTemplate",
    "kubernetes:core/v1:ReplicationController",
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:ReplicaSet",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:batch/v1:Job",
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:LimitRange",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "kubernetes:core/v1:ResourceQuota",
    "kubernetes:rbac.authorization.k8s.io/v1:Role",
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:Service",
    "kubernetes:core/v1:ServiceAccount",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:core/v1:PersistentVolumeClaim",
    "kubernetes:policy/v1:PodDisruptionBudget",
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
    "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    "kubernetes:core/v1:Namespace",
    "kubernetes:storage.k8s.io/v1:StorageClass",
)
NAMESPACED = (
    "kubernetes:core/v1:Pod",
    "kubernetes:core/v1:PodTemplate",
    "kubernetes:core/v1:ReplicationController",
    "kubernetes:apps/v1:DaemonSet",
    "kubernetes:apps/v1:Deployment",
    "kubernetes:apps/v1:ReplicaSet",
    "kubernetes:apps/v1:StatefulSet",
    "kubernetes:batch/v1:CronJob",
    "kubernetes:batch/v1:Job",
    "kubernetes:core/v1:ConfigMap",
    "kubernetes:core/v1:LimitRange",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "kubernetes:core/v1:ResourceQuota",
    "kubernetes:rbac.authorization.k8s.io/v1:Role",
    "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:Service",
    "kubernetes:core/v1:ServiceAccount",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:core/v1:PersistentVolumeClaim",
    "kubernetes:policy/v1:PodDisruptionBudget",
)


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
    for type_ in OBJECT
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
    for type_ in NAMESPACED
]
SWITCH = {"enable-network-policy-controller": "true"}
EXCEPTION = Case(
    rule="KU-08",
    type="kubernetes:core/v1:ConfigMap",
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
PROHIBITIONS = [Prohibition(rule="KU-09", type="kubernetes:core/v1:Secret")]
