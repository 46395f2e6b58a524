"""The rule about authorization: roles name what they allow, and bindings name whom they allow it."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluation.readers import Properties
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, first, for_each, violation
from policies.kubernetes.inputs.manifests import (
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    DEFAULT_SERVICE_ACCOUNT,
    ROLE,
    ROLE_BINDING,
)
from policies.kubernetes.inputs.pods import blocks_in

_LISTS = ("apiGroups", "nonResourceURLs", "resources", "verbs")
SYSTEM = "system:"
"""Prefix of the users and groups of Kubernetes itself, such as ``system:masters`` and ``system:authenticated``."""


def names_what_it_allows(resource: Resource) -> Violation | None:
    if resource.properties.value("aggregationRule") is not None:
        return violation("takes over rules of other roles (aggregationRule)", fix="list its own rules")
    return first(
        found for place, rule in blocks_in(resource.properties, "rules") for found in _rule_violations(place, rule)
    )


def _rule_violations(place: str, rule: Properties) -> Iterator[Violation]:
    for name in _LISTS:
        items = rule.items(name)
        words = [str(item) for item in items] if isinstance(items, list) else []
        if any("*" in word for word in words):
            yield violation(f"allows more than it names ({place}.{name})", fix="name each item")


def names_whom_it_allows(resource: Resource) -> Violation | None:
    return first(_check_subject(place, subject) for place, subject in blocks_in(resource.properties, "subjects"))


def _check_subject(place: str, subject: Properties) -> Violation | None:
    name = str(subject.text("name"))
    if name.startswith(SYSTEM):
        return violation(
            f"grants permissions to a user or group of Kubernetes itself ({place})",
            fix="name a service account, or a group of an access entry",
        )
    if subject.text("kind") == "ServiceAccount" and name == DEFAULT_SERVICE_ACCOUNT:
        return violation(
            f"grants permissions to every pod of a namespace ({place})", fix="name a service account of its own"
        )
    return None


RULES = (
    Rule(
        id="KU-07",
        title="Roles and bindings of Kubernetes name what they grant, and to whom",
        severity="critical",
        sources=("CIS EKS 1.7 4.1.3", "CIS EKS 1.7 4.1.5", "CKV_K8S_49"),
        remedy="List API groups, resources and verbs without wildcards. Bind no role to users and groups that begin "
        "with system:, or to the default service account.",
        checks=for_each((*ROLE, *CLUSTER_ROLE), names_what_it_allows)
        | for_each((*ROLE_BINDING, *CLUSTER_ROLE_BINDING), names_whom_it_allows),
    ),
)
