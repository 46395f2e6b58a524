"""Cases of policies/kubernetes/rules/pods/quantities.py."""

from __future__ import annotations

from tests.policies.cases.kubernetes.workloads import workloads

SET = {"resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}}

CASES = workloads(
    "KU-05",
    {"containers": [SET], "initContainers": [SET]},
    optional=("", "containers", "containers.0", "initContainers", "initContainers.0"),
    refused={
        "has a second container without quantities": {"containers": [SET, {"name": "sidecar"}]},
        "has an empty limit": {"containers.0.resources.limits.memory": ""},
    },
    accepted={
        "has a debug container": {"ephemeralContainers": [{"name": "debug"}]},
        "limits CPU too": {"containers.0.resources.limits.cpu": "1"},
    },
)
