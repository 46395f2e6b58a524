"""Cases of policies/kubernetes/rules/pods/privileges.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT
from tests.policies.cases.kubernetes.workloads import ALLOWED_CONTEXT, workloads

POD = {"containers": [{"securityContext": ALLOWED_CONTEXT}], "initContainers": [{"securityContext": ALLOWED_CONTEXT}]}
CONTEXT = "containers.0.securityContext"
FAULTS = {
    "may run as root": {"runAsNonRoot": False},
    "runs as root": {"runAsUser": 0},
    "may gain privileges": {"allowPrivilegeEscalation": True},
    "may use every system call": {"seccompProfile": {"type": "Unconfined"}},
    "keeps some capabilities": {"capabilities": {"drop": ["NET_RAW"]}},
    "drops no capabilities": {"capabilities": {"drop": []}},
    "adds a capability": {"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE", "SYS_ADMIN"]}},
}

CASES = workloads(
    "KU-03",
    POD,
    optional=("", "containers", "containers.0", "initContainers", "initContainers.0"),
    refused={
        **{
            f"{what} in {name}": {
                name: [{"securityContext": ALLOWED_CONTEXT}, {"securityContext": ALLOWED_CONTEXT | fault}]
            }
            for what, fault in FAULTS.items()
            for name in ("containers", "initContainers", "ephemeralContainers")
        },
        "says nothing in a debug container": {"ephemeralContainers": [{"name": "debug"}]},
        "runs as root for the pod": {"securityContext.runAsUser": 0},
        "overrides the pod's user": {"securityContext.runAsUser": 1000, f"{CONTEXT}.runAsUser": 0},
        "overrides the pod's setting": {"securityContext.runAsNonRoot": True, f"{CONTEXT}.runAsNonRoot": False},
        "overrides the pod's profile": {
            "securityContext.seccompProfile": {"type": "RuntimeDefault"},
            f"{CONTEXT}.seccompProfile.type": "Unconfined",
        },
    },
    accepted={
        "says it for the pod": {
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "Localhost"}},
            f"{CONTEXT}.runAsNonRoot": ABSENT,
            f"{CONTEXT}.seccompProfile": ABSENT,
        },
        "binds a low port": {f"{CONTEXT}.capabilities.add": ["NET_BIND_SERVICE"]},
        "adds a capability that is unknown": {f"{CONTEXT}.capabilities.add": [UNKNOWN]},
        "adds capabilities that are unknown": {f"{CONTEXT}.capabilities.add": UNKNOWN},
        "runs as an ordinary user": {f"{CONTEXT}.runAsUser": 1000},
    },
)
