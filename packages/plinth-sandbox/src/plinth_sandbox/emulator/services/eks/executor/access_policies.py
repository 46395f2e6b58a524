"""Rules of the access policies of EKS, which EKS itself evaluates: no object in the cluster shows them.

Source: EKS User Guide, "Review access policy permissions" (read 2026-11-23).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

_ANY = ("*",)
_READ = ("get", "list", "watch")
_WRITE = ("create", "delete", "deletecollection", "patch", "update")


@dataclass(frozen=True, slots=True)
class Rule:
    """Verbs on resources of API groups, or on paths outside resources."""

    groups: Sequence[str]
    resources: Sequence[str]
    verbs: Sequence[str]
    paths: bool = False
    """Whether it also allows paths such as ``/healthz``."""


def _rule(group: str, resources: str, verbs: Sequence[str]) -> Rule:
    return Rule((group,), tuple(resources.split()), verbs)


_WORKLOADS = "daemonsets deployments deployments/scale replicasets replicasets/scale"
_VIEW = (
    _rule("apps", f"controllerrevisions {_WORKLOADS} statefulsets statefulsets/scale", _READ),
    _rule("apps", "daemonsets/status deployments/status replicasets/status statefulsets/status", _READ),
    _rule("autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", _READ),
    _rule("batch", "cronjobs cronjobs/status jobs jobs/status", _READ),
    _rule("discovery.k8s.io", "endpointslices", _READ),
    _rule("networking.k8s.io", "ingresses ingresses/status networkpolicies", _READ),
    _rule("policy", "poddisruptionbudgets poddisruptionbudgets/status", _READ),
    _rule("", "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods", _READ),
    _rule("", "replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status", _READ),
    _rule("", "bindings events limitranges namespaces namespaces/status pods/log pods/status", _READ),
    _rule("", "replicationcontrollers/status resourcequotas resourcequotas/status", _READ),
)
_EDIT = (
    *_VIEW,
    _rule("apps", f"{_WORKLOADS} deployments/rollback statefulsets statefulsets/scale", _WRITE),
    _rule("autoscaling", "horizontalpodautoscalers", _WRITE),
    _rule("batch", "cronjobs jobs", _WRITE),
    _rule("networking.k8s.io", "ingresses networkpolicies", _WRITE),
    _rule("policy", "poddisruptionbudgets", _WRITE),
    _rule("", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", (*_READ, *_WRITE)),
    _rule("", "configmaps events persistentvolumeclaims pods replicationcontrollers", _WRITE),
    _rule("", "replicationcontrollers/scale serviceaccounts services", _WRITE),
    _rule("", "serviceaccounts", ("impersonate",)),
)
_ADMIN = (
    *_EDIT,
    _rule("authorization.k8s.io", "localsubjectaccessreviews", ("create",)),
    _rule("rbac.authorization.k8s.io", "rolebindings roles", (*_READ, *_WRITE)),
)
RULES: Mapping[str, Sequence[Rule]] = {
    "AmazonEKSAdminPolicy": _ADMIN,
    "AmazonEKSAdminViewPolicy": (Rule(_ANY, _ANY, _READ),),
    "AmazonEKSClusterAdminPolicy": (Rule(_ANY, _ANY, _ANY, paths=True),),
    "AmazonEKSEditPolicy": _EDIT,
    "AmazonEKSSecretReaderPolicy": (_rule("", "secrets", _READ),),
    "AmazonEKSViewPolicy": _VIEW,
}
"""Rules by name of the policy. Policies for nodes and features of EKS have none here, because neither exists."""


def allows(policy_arn: str, scope: Mapping[str, Any], attributes: Mapping[str, Any]) -> bool:
    """Returns whether a policy with a scope allows a request, from the attributes of its SubjectAccessReview."""
    rules = RULES.get(policy_arn.rpartition("/")[2], ())
    if (outside := attributes.get("nonResourceAttributes")) is not None:
        return scope["type"] == "cluster" and any(rule.paths and _names(rule.verbs, outside["verb"]) for rule in rules)
    wanted = attributes.get("resourceAttributes") or {}
    if scope["type"] == "namespace" and not _within(scope.get("namespaces") or [], str(wanted.get("namespace") or "")):
        return False
    return any(_covers(rule, wanted) for rule in rules)


def _within(namespaces: Sequence[str], namespace: str) -> bool:
    """Returns whether a namespace is in the scope, whose names may contain wildcards ("Associate access policies with
    access entries")."""
    return bool(namespace) and any(fnmatchcase(namespace, pattern) for pattern in namespaces)


def _covers(rule: Rule, wanted: Mapping[str, Any]) -> bool:
    inner = wanted.get("subresource")
    resource = f"{wanted.get('resource')}/{inner}" if inner else str(wanted.get("resource"))
    return (
        _names(rule.groups, str(wanted.get("group") or ""))
        and _names(rule.resources, resource)
        and _names(rule.verbs, str(wanted.get("verb")))
    )


def _names(allowed: Sequence[str], value: str) -> bool:
    return "*" in allowed or value in allowed
