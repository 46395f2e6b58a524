"""Says whether an object does what it is for, from its status. The rules are those of the vendor's provider in short.

https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/ and the
await logic of pulumi-kubernetes (read 2026-11-23).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.provider.errors import ProviderError

Live = Mapping[str, Any]

RUNS_PODS = ("DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "ReplicationController", "StatefulSet")
"""Kinds that are ready only when pods run. A DaemonSet without nodes is ready, because it wants no pod."""


class FailedError(ProviderError):
    """The object will not become ready."""


def reason_to_wait(live: Live) -> str:
    """Returns why an object is not ready, or an empty text. Raises FailedError if it never will be."""
    rule = _RULES.get(str(live.get("kind")))
    return rule(live) if rule else ""


def _status(live: Live) -> Mapping[str, Any]:
    found = live.get("status")
    return found if isinstance(found, Mapping) else {}


def _condition(live: Live, kind: str) -> Mapping[str, Any]:
    return next((condition for condition in _status(live).get("conditions") or [] if condition.get("type") == kind), {})


def _holds(live: Live, kind: str) -> bool:
    return bool(_condition(live, kind).get("status") == "True")


def _observed(live: Live) -> bool:
    return bool(_status(live).get("observedGeneration", 0) >= live["metadata"].get("generation", 0))


def _replicas(live: Live, member: str) -> str:
    wanted = (live.get("spec") or {}).get("replicas", 1)
    status = _status(live)
    found = min(status.get(member, 0), status.get("updatedReplicas", status.get(member, 0)) if wanted else 0)
    if _observed(live) and found >= wanted:
        return ""
    return f"{found} of {wanted} pods are ready"


def _deployment(live: Live) -> str:
    progressing = _condition(live, "Progressing")
    if _observed(live) and progressing.get("reason") == "ProgressDeadlineExceeded":
        raise FailedError(str(progressing.get("message")))
    waiting = _replicas(live, "availableReplicas")
    failure = _condition(live, "ReplicaFailure")
    if waiting and failure.get("status") == "True":
        # Pod Security and quotas refuse the pods, not the Deployment.
        raise FailedError(str(failure.get("message")))
    return waiting


def _daemon_set(live: Live) -> str:
    status = _status(live)
    wanted, found = status.get("desiredNumberScheduled", 0), status.get("numberAvailable", 0)
    return "" if _observed(live) and found >= wanted else f"{found} of {wanted} pods are ready"


def _pod(live: Live) -> str:
    phase = _status(live).get("phase", "Pending")
    if phase == "Failed":
        raise FailedError(f"the pod failed: {_status(live).get('message') or _status(live).get('reason')}")
    if phase == "Succeeded" or _holds(live, "Ready"):
        return ""
    scheduled = _condition(live, "PodScheduled")
    return f"the pod is {phase}: {scheduled.get('message') or 'it is not ready'}"


def _job(live: Live) -> str:
    if _holds(live, "Failed"):
        raise FailedError(f"the job failed: {_condition(live, 'Failed').get('message')}")
    return "" if _holds(live, "Complete") or (live.get("spec") or {}).get("suspend") else "the job is not complete"


def _definition(live: Live) -> str:
    accepted = _condition(live, "NamesAccepted")
    if accepted.get("status") == "False":
        raise FailedError(f"the names are not accepted: {accepted.get('message')}")
    return "" if _holds(live, "Established") else "the kind is not established"


def _namespace(live: Live) -> str:
    phase = _status(live).get("phase")
    return "" if phase == "Active" else f"the namespace is {phase}"


def _claim(live: Live) -> str:
    """A claim whose volume is bound with its first pod waits for that pod, so it counts as ready."""
    phase = _status(live).get("phase")
    if phase == "Lost":
        raise FailedError("the volume of the claim is lost")
    return ""


_RULES: Mapping[str, Callable[[Live], str]] = {
    "CustomResourceDefinition": _definition,
    "DaemonSet": _daemon_set,
    "Deployment": _deployment,
    "Job": _job,
    "Namespace": _namespace,
    "PersistentVolumeClaim": _claim,
    "Pod": _pod,
    "ReplicaSet": lambda live: _replicas(live, "availableReplicas"),
    "ReplicationController": lambda live: _replicas(live, "availableReplicas"),
    "StatefulSet": lambda live: _replicas(live, "readyReplicas"),
}
