"""Rules about every object: it has the type that is created and a namespace of its own, and it is no Secret."""

from __future__ import annotations

from collections.abc import Mapping

from policies.evaluation.readers import UNKNOWN, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from policies.kubernetes.inputs.manifests import (
    CONFIG_MAP,
    NAMESPACED,
    OBJECT,
    SECRET,
    SHARED_NAMESPACES,
    api_version_and_kind,
    namespace_of,
)

_NETWORK = ("kube-system", "amazon-vpc-cni")
_SWITCH = "enable-network-policy-controller"
"""Namespace, name and only key of the ConfigMap that enables network policies (EKS User Guide, "Use Network Policies
with EKS Auto Mode")."""


def is_what_its_type_says(resource: Resource) -> Violation | None:
    """Compares the type, by which rules are chosen, with the manifest, by which the provider creates the object."""
    api_version, kind = api_version_and_kind(resource.type)
    for path, expected in (("apiVersion", api_version), ("kind", kind)):
        if resource.properties.text(path) not in (expected, UNKNOWN):
            return violation(f"is created as another type than it was registered with ({path})", fix=f"use {expected}")
    return None


def is_in_a_namespace_of_its_own(resource: Resource) -> Violation | None:
    namespace = namespace_of(resource)
    if is_missing(namespace):
        return violation("names no namespace (metadata.namespace)", fix="name a namespace of the workload")
    if namespace in SHARED_NAMESPACES and not _enables_network_policies(resource):
        return violation(
            "is in a namespace that every workload shares (metadata.namespace)", fix="name a namespace of the workload"
        )
    return None


def _enables_network_policies(resource: Resource) -> bool:
    """Whether it is the object that EKS reads in kube-system, and contains nothing else."""
    namespace, name = _NETWORK
    properties, data = resource.properties, resource.properties.value("data")
    return (
        resource.type in CONFIG_MAP
        and namespace_of(resource) == namespace
        and properties.text("metadata", "name") in (name, UNKNOWN)
        and properties.text("data", _SWITCH) in ("true", UNKNOWN)
        and (data is UNKNOWN or (isinstance(data, Mapping) and set(data) == {_SWITCH}))
    )


def is_kept_elsewhere(_subject: Resource) -> Violation | None:
    return violation(
        "puts a secret into the state", fix="keep it in Secrets Manager, and let the pod read it with its Pod Identity"
    )


RULES = (
    Rule(
        id="KU-01",
        title="Kubernetes resources have the type of their manifest",
        severity="critical",
        sources=("bypass of rules by another apiVersion or kind",),
        remedy="Create each object with the resource class of its kind. Rules are chosen by the type of the resource, "
        "but the provider creates what apiVersion and kind say.",
        checks=for_each(OBJECT, is_what_its_type_says),
    ),
    Rule(
        id="KU-08",
        title="Objects are in a namespace of their workload",
        severity="medium",
        sources=("CIS EKS 1.7 4.5.2", "CKV_K8S_21"),
        remedy="Name a namespace other than default and those of Kubernetes itself in metadata.namespace. Quotas, "
        "network policies and pod security apply by namespace. The one exception is the ConfigMap with which EKS "
        "enables network policies.",
        checks=for_each(NAMESPACED, is_in_a_namespace_of_its_own),
    ),
    Rule(
        id="KU-09",
        title="Secrets are not stored in manifests",
        severity="critical",
        sources=("CIS EKS 1.7 4.4.2",),
        remedy="Keep secrets in Secrets Manager, and let pods read them with Pod Identity. Create no Secret, because "
        "its value would be in the state, and one of the type service-account-token never expires. SE-02 finds secrets "
        "in environments and in ConfigMaps.",
        checks=for_each(SECRET, is_kept_elsewhere),
    ),
)
