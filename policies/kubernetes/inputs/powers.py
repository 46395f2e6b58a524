"""Permissions of Kubernetes with which their holder becomes somebody else.

Source: Kubernetes documentation 1.34, "Role Based Access Control Good Practices", "Kubernetes RBAC - privilege
escalation risks" (read 2026-11-29). Kubernetes compares verbs and resources with their case.
"""

from __future__ import annotations

from dataclasses import dataclass

CHANGE = frozenset({"create", "patch", "update"})
READ = frozenset({"get", "list", "watch"})
OPERATIONS = {"create": "CREATE", "patch": "UPDATE", "update": "UPDATE", "delete": "DELETE"}
"""Operation of an admission policy that decides about a verb."""
CONNECTIONS = frozenset({"pods/attach", "pods/exec", "pods/portforward"})
"""Resources that a client connects to. Whatever the verb, an admission policy is asked about the operation CONNECT, and
sees the container (Kubernetes documentation, "Admission Control in Kubernetes")."""


@dataclass(frozen=True, slots=True)
class Request:
    """A verb on a resource, as a rule of a role permits it."""

    group: str
    resource: str
    verb: str


@dataclass(frozen=True, slots=True)
class Power:
    """Power that a verb on a resource gives to the holder of the permission."""

    group: str
    """API group of the resources."""
    resources: frozenset[str]
    verbs: frozenset[str]
    gives: str
    """Actions that the holder can perform, as a phrase that completes "may"."""
    is_limitable: bool = True
    """Whether an admission policy can decide about each request. It is not asked about reading, but for connections,
    and not about its own kind."""


def _power(group: str, resources: str, verbs: frozenset[str], gives: str, *, is_limitable: bool = True) -> Power:
    return Power(group, frozenset(resources.split()), verbs, gives, is_limitable)


ANY = frozenset({"*"})
"""Resources of a power that its verb gives, whatever the resource and its group."""
_PODS, _WORKLOADS = "run pods with any service account of the namespace", "deployments daemonsets replicasets"
_ADMISSION = (
    "mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations "
    "validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations"
)
POWERS = (
    _power("*", "*", frozenset({"bind", "escalate"}), "grant permissions that it does not have", is_limitable=False),
    _power("*", "*", frozenset({"impersonate"}), "act as somebody else", is_limitable=False),
    _power("", "secrets", READ, "read secrets", is_limitable=False),
    _power("", "pods", CHANGE, _PODS),
    _power("", "replicationcontrollers", CHANGE, _PODS),
    _power("apps", f"{_WORKLOADS} statefulsets", CHANGE, _PODS),
    _power("batch", "cronjobs", CHANGE, _PODS),
    # The template of a job does not change after its creation.
    _power("batch", "jobs", frozenset({"create"}), _PODS),
    _power("", "pods/ephemeralcontainers", CHANGE, "run a container in pods of others"),
    _power("", " ".join(sorted(CONNECTIONS)), CHANGE | READ, "enter pods of others"),
    _power("", "nodes/proxy pods/proxy services/proxy", CHANGE | READ, "call pods past their network policies",
           is_limitable=False),
    _power("", "serviceaccounts/token", frozenset({"create"}), "get tokens of any service account", is_limitable=False),
    _power("", "persistentvolumes", CHANGE, "mount paths of nodes"),
    _power("", "namespaces", CHANGE, "change the level of pod security of namespaces"),
    _power("admissionregistration.k8s.io", _ADMISSION, CHANGE | {"delete", "deletecollection"},
           "change what the API admits", is_limitable=False),
    _power("apiregistration.k8s.io", "apiservices", CHANGE, "answer for a part of the API"),
    _power("certificates.k8s.io", "certificatesigningrequests/approval", CHANGE, "approve certificates of any user"),
    _power("certificates.k8s.io", "signers", frozenset({"approve", "sign"}), "sign certificates of any user",
           is_limitable=False),
)  # fmt: skip
BUILT_IN = frozenset({"admin", "cluster-admin", "edit"})
"""Built-in roles with such permissions (Kubernetes documentation, "Using RBAC Authorization", "User-facing roles").
Kubernetes' own roles, whose names begin with ``system:``, are another kind."""


def operation_of(request: Request) -> str | None:
    """Returns the operation with which an admission policy is asked about a request, or None if it is not asked."""
    return "CONNECT" if request.resource in CONNECTIONS else OPERATIONS.get(request.verb)


def gives_power(power: Power, request: Request) -> bool:
    """Returns whether a permission gives a power. A wildcard includes it."""
    return (
        (power.group == "*" or request.group in (power.group, "*"))
        and (power.resources == ANY or request.resource in power.resources or request.resource == "*")
        and (request.verb in power.verbs or request.verb == "*")
    )
