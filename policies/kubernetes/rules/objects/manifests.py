"""Rules about every object: its type is the one that is created, and it is in a namespace of its own."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from policies.kubernetes.inputs.manifests import (
    NAMESPACED,
    OBJECT,
    SHARED_NAMESPACES,
    api_version_and_kind,
    namespace_of,
)


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
    if namespace in SHARED_NAMESPACES:
        return violation(
            "is in a namespace that every workload shares (metadata.namespace)", fix="name a namespace of the workload"
        )
    return None


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
        "network policies and pod security apply by namespace.",
        checks=for_each(NAMESPACED, is_in_a_namespace_of_its_own),
    ),
)
