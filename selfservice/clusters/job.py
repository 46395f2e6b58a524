"""The Kubernetes Job of one stack operation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from settings.types.aws.account_access import PERSON_VARIABLE
from settings.types.aws.stack_jobs import (
    BACKEND_VARIABLE,
    BUCKET_VARIABLE,
    HOME_VARIABLE,
    INPUT_VARIABLE,
    JOB_COMMAND,
    NAMESPACE_VARIABLE,
    POD_VARIABLE,
    REGION_VARIABLE,
    UID_VARIABLE,
)

API_ACCESS = "/var/run/secrets/plinth.dev/api"
"""Folder with the token for the Kubernetes API, for the lease of the stack, and with the authority of the API."""
TOKEN_FILE, AUTHORITY_FILE = "token", "ca.crt"
_API_TOKEN = {
    "serviceAccountToken": {
        "audience": "https://kubernetes.default.svc",  # that of the API servers of EKS
        "expirationSeconds": 3600,
        "path": TOKEN_FILE,
    }
}
_API_AUTHORITY = {
    "configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": AUTHORITY_FILE}]},
}

_KEEPS_NODE = {"karpenter.sh/do-not-disrupt": "true"}
"""EKS Auto Mode does not empty the node of the pod to save cost (EKS User Guide, "Control deployment of workloads")."""
STACK_LABEL = "plinth.dev/stack"
HOME = "/tmp/home"
STOP_SECONDS = 600
"""Time in which an engine ends its current steps before the kubelet kills it."""
_RETRIES = 3
"""Pods that the Job starts after pods that ended without a result: a lost node, not enough memory."""
_KEPT_SECONDS = 3600
_LONGEST_NAME = 57
"""A pod has the name of its Job, a hyphen and five characters, and a host name has at most 63."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JobSettings:
    """Settings that the Jobs of a cluster have in common."""

    namespace: str
    service_account: str
    image: str
    """Image with its digest."""
    state_bucket: str
    region: str
    cpus: int
    memory_gib: int
    disk_gib: int = 2
    """Space for the settings, the log and the caches of one operation."""

    @property
    def backend_url(self) -> str:
        """URL of the backend of states. The second SDK of AWS finds the credentials of pods."""
        return f"s3://{self.state_bucket}?region={self.region}&awssdk=v2"


def job_name(owner: str, stack: str, run: str) -> str:
    """Returns the name of a Job. It begins with the owner, which decides which deployers its pod may assume."""
    suffix = hashlib.sha256(f"{run}\n{stack}".encode()).hexdigest()[:8]
    name = f"{owner}--{stack.removeprefix(f'{owner}-').strip('-')}"
    return f"{name[: _LONGEST_NAME - len(suffix) - 1].rstrip('-')}-{suffix}"


def job_of(name: str, stack: str, person: str, job_input: str, settings: JobSettings) -> dict[str, Any]:
    """Returns the Job of an operation. Its pod is restricted, writes to two temporary folders, and has no keys."""
    resources = {"cpu": str(settings.cpus), "memory": f"{settings.memory_gib}Gi"}
    container = {
        "name": "operation",
        "image": settings.image,
        "command": list(JOB_COMMAND),
        "env": [
            {"name": INPUT_VARIABLE, "value": job_input},
            {"name": BUCKET_VARIABLE, "value": settings.state_bucket},
            {"name": PERSON_VARIABLE, "value": person},
            {"name": BACKEND_VARIABLE, "value": settings.backend_url},
            {"name": REGION_VARIABLE, "value": settings.region},
            {"name": HOME_VARIABLE, "value": HOME},
            _field(POD_VARIABLE, "metadata.name"),
            _field(UID_VARIABLE, "metadata.uid"),
            _field(NAMESPACE_VARIABLE, "metadata.namespace"),
        ],
        "resources": {
            "requests": {**resources, "ephemeral-storage": f"{settings.disk_gib}Gi"},
            "limits": {"memory": resources["memory"], "ephemeral-storage": f"{settings.disk_gib}Gi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [
            {"name": "temporary", "mountPath": "/tmp"},
            {"name": "home", "mountPath": HOME},
            {"name": "api", "mountPath": API_ACCESS, "readOnly": True},
        ],
    }
    space = {"sizeLimit": f"{settings.disk_gib}Gi"}
    pod = {
        "restartPolicy": "Never",
        "serviceAccountName": settings.service_account,
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": STOP_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "fsGroup": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [
            {"name": "temporary", "emptyDir": space},
            {"name": "home", "emptyDir": space},
            {"name": "api", "projected": {"sources": [_API_TOKEN, _API_AUTHORITY]}},
        ],
    }
    labels = {STACK_LABEL: stack}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "backoffLimit": _RETRIES,
            # The next pod starts when the one before has ended, and not while it ends.
            "podReplacementPolicy": "Failed",
            "ttlSecondsAfterFinished": _KEPT_SECONDS,
            "template": {"metadata": {"labels": labels, "annotations": _KEEPS_NODE}, "spec": pod},
        },
    }


def _field(name: str, path: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}
