"""Types of Kubernetes resources as the provider names them, ``kubernetes:<group>/<version>:<kind>``, and the namespaces
that their manifests name."""

from __future__ import annotations

from collections.abc import Mapping

from policies.evaluation.readers import Unknown
from policies.evaluation.resource import Resource

POD_PATHS: Mapping[str, tuple[str, ...]] = {
    "kubernetes:core/v1:Pod": ("spec",),
    "kubernetes:core/v1:PodTemplate": ("template", "spec"),
    "kubernetes:core/v1:ReplicationController": ("spec", "template", "spec"),
    "kubernetes:apps/v1:DaemonSet": ("spec", "template", "spec"),
    "kubernetes:apps/v1:Deployment": ("spec", "template", "spec"),
    "kubernetes:apps/v1:ReplicaSet": ("spec", "template", "spec"),
    "kubernetes:apps/v1:StatefulSet": ("spec", "template", "spec"),
    "kubernetes:batch/v1:CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "kubernetes:batch/v1:Job": ("spec", "template", "spec"),
}
"""Path of the pod's specification, by type."""
WORKLOAD = tuple(POD_PATHS)
ADMISSION_BINDING = ("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",)
ADMISSION_POLICY = ("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",)
CLAIM = ("kubernetes:core/v1:PersistentVolumeClaim",)
CLUSTER_ROLE = ("kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",)
CLUSTER_ROLE_BINDING = ("kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",)
CONFIG_MAP = ("kubernetes:core/v1:ConfigMap",)
LIMIT_RANGE = ("kubernetes:core/v1:LimitRange",)
NAMESPACE = ("kubernetes:core/v1:Namespace",)
NETWORK_POLICY = ("kubernetes:networking.k8s.io/v1:NetworkPolicy",)
QUOTA = ("kubernetes:core/v1:ResourceQuota",)
ROLE = ("kubernetes:rbac.authorization.k8s.io/v1:Role",)
ROLE_BINDING = ("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",)
SECRET = ("kubernetes:core/v1:Secret",)
SERVICE = ("kubernetes:core/v1:Service",)
SERVICE_ACCOUNT = ("kubernetes:core/v1:ServiceAccount",)
STORAGE_CLASS = ("kubernetes:storage.k8s.io/v1:StorageClass",)
NAMESPACED = (
    *WORKLOAD,
    *CLAIM,
    *CONFIG_MAP,
    *LIMIT_RANGE,
    *NETWORK_POLICY,
    *QUOTA,
    *ROLE,
    *ROLE_BINDING,
    *SECRET,
    *SERVICE,
    *SERVICE_ACCOUNT,
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:policy/v1:PodDisruptionBudget",
)
"""Types whose objects are in a namespace."""
OBJECT = (
    *NAMESPACED,
    *ADMISSION_BINDING,
    *ADMISSION_POLICY,
    *CLUSTER_ROLE,
    *CLUSTER_ROLE_BINDING,
    *NAMESPACE,
    *STORAGE_CLASS,
)
"""Every type that the rules know."""

SHARED_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
"""Namespaces that every cluster has (Kubernetes documentation, "Namespaces", "Initial namespaces")."""
DEFAULT_SERVICE_ACCOUNT = "default"
"""The service account of pods that name none."""


def api_version_and_kind(type_: str) -> tuple[str, str]:
    """Returns the ``apiVersion`` and ``kind`` of a type's manifests. The API omits the name of the group ``core``."""
    _, group_version, kind = type_.split(":")
    return group_version.removeprefix("core/"), kind


def namespace_of(resource: Resource) -> str | Unknown | None:
    return resource.properties.text("metadata", "namespace")
