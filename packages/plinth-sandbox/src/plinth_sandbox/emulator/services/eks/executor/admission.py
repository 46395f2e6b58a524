"""The webhook of a cluster's control plane that prepares new pods for credentials: by EKS Pod Identity, or by the role
that a service account names (IRSA).

Sources: the source of amazon-eks-pod-identity-webhook; EKS User Guide, "Assign a Pod Identity association to Kubernetes
service account" and "IAM roles for service accounts" (read 2026-11-24).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.eks.executor import agent
from plinth_sandbox.emulator.services.eks.patches.pod_identities import association_of
from plinth_sandbox.emulator.store.record import Record

AUDIENCE = "pods.eks.amazonaws.com"
"""Audience of the tokens that pods exchange for credentials."""
NAME = "pod-identity-webhook"
OBJECT_PATH = f"/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/{NAME}"
_TOKEN_SECONDS = 86_400
_ROLE, _AUDIENCE, _EXPIRY = (f"eks.amazonaws.com/{name}" for name in ("role-arn", "audience", "token-expiration"))
"""Annotations of a service account."""
_SKIP_LABEL = "eks.amazonaws.com/skip-pod-identity-webhook"
_SKIP_CONTAINERS = "eks.amazonaws.com/skip-containers"
_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class _Method:
    """A way in which a pod gets credentials: its token, and the variables with which clients find it."""

    volume: str
    folder: str
    file: str
    audience: str
    seconds: int
    variables: Mapping[str, str]

    def described(self) -> dict[str, Any]:
        """Returns the volume with the token."""
        token = {"audience": self.audience, "expirationSeconds": self.seconds, "path": self.file}
        return {"name": self.volume, "projected": {"sources": [{"serviceAccountToken": token}]}}


def _pod_identity() -> _Method:
    volume, folder = "eks-pod-identity-token", "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount"
    variables = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": agent.URI,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": f"{folder}/{volume}",
    }
    return _Method(volume, folder, volume, AUDIENCE, _TOKEN_SECONDS, variables)


def _web_identity(annotations: Mapping[str, str]) -> _Method:
    folder = "/var/run/secrets/eks.amazonaws.com/serviceaccount"
    variables = {"AWS_ROLE_ARN": annotations[_ROLE], "AWS_WEB_IDENTITY_TOKEN_FILE": f"{folder}/token"}
    audience = annotations.get(_AUDIENCE, "sts.amazonaws.com")
    seconds = annotations.get(_EXPIRY, "")
    return _Method(
        "aws-iam-token", folder, "token", audience, int(seconds) if seconds.isdigit() else _TOKEN_SECONDS, variables
    )


def configuration(url: str, authority: bytes) -> dict[str, Any]:
    """Returns the object that registers the webhook.

    At EKS, a pod is created without credentials if the webhook does not answer. Here the API server refuses it, so
    that a slow machine does not change what a pod gets.
    """
    webhook = {
        "name": "iam-for-pods.amazonaws.com",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": url, "caBundle": base64.b64encode(authority).decode()},
        "failurePolicy": "Fail",
        "objectSelector": {"matchExpressions": [{"key": _SKIP_LABEL, "operator": "DoesNotExist"}]},
        "reinvocationPolicy": "IfNeeded",
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
        "sideEffects": "None",
        "timeoutSeconds": _WAIT_SECONDS,
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": NAME},
        "webhooks": [webhook],
    }


def reviewed(
    review: Mapping[str, Any], cluster: Record, memory: Memory, annotations_of: Callable[[str, str], Mapping[str, str]]
) -> dict[str, Any]:
    """Returns the answer to the AdmissionReview of a pod. ``annotations_of`` asks the API server for the annotations of
    a service account, by namespace and name."""
    asked = review["request"]
    pod, namespace = asked["object"], str(asked["namespace"])
    account = str(pod["spec"].get("serviceAccountName") or "default")
    method = None
    if association_of(memory, cluster, namespace, account) is not None:
        method = _pod_identity()
    elif (annotations := annotations_of(namespace, account)).get(_ROLE):
        method = _web_identity(annotations)
    response: dict[str, Any] = {"uid": asked["uid"], "allowed": True}
    if method is not None:
        patches = list(_patches(pod, cluster.place.region, method))
        response |= {"patchType": "JSONPatch", "patch": base64.b64encode(json.dumps(patches).encode()).decode()}
    return {"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response}


def _patches(pod: Mapping[str, Any], region: str, method: _Method) -> Iterator[dict[str, Any]]:
    """Yields the changes of a pod: a token, and variables in its containers."""
    annotations = pod["metadata"].get("annotations") or {}
    skipped = {name.strip() for name in str(annotations.get(_SKIP_CONTAINERS, "")).split(",")}
    specification = pod["spec"]
    if all(volume["name"] != method.volume for volume in specification.get("volumes") or []):
        yield _appended("/spec/volumes", specification.get("volumes"), [method.described()])
    for kind in ("initContainers", "containers"):
        for number, container in enumerate(specification.get(kind) or []):
            if container["name"] not in skipped:
                yield from _patches_of(f"/spec/{kind}/{number}", container, region, method)


def _patches_of(path: str, container: Mapping[str, Any], region: str, method: _Method) -> Iterator[dict[str, Any]]:
    regional = {"AWS_STS_REGIONAL_ENDPOINTS": "regional", "AWS_DEFAULT_REGION": region, "AWS_REGION": region}
    given, mounts = container.get("env"), container.get("volumeMounts")
    own = {variable["name"] for variable in given or []}
    added = [
        {"name": name, "value": value} for name, value in {**regional, **method.variables}.items() if name not in own
    ]
    if added:
        yield _appended(f"{path}/env", given, added)
    if all(mount["name"] != method.volume for mount in mounts or []):
        mount = {"name": method.volume, "mountPath": method.folder, "readOnly": True}
        yield _appended(f"{path}/volumeMounts", mounts, [mount])


def _appended(path: str, before: Sequence[Any] | None, values: Sequence[Any]) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": [*(before or []), *values]}
