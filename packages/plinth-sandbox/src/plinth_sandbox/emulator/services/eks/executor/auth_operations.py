"""EKS Auth: exchanges the token of a pod for credentials of the role that its service account has.

The API server verifies the token, and the call that opens the session is in the journal. So this operation is not, and
it is completed while the emulator answers other calls.

Sources: EKS Auth API, AssumeRoleForPodIdentity; EKS User Guide, "Grant Pods access to AWS resources based on tags"
(read 2026-11-24).
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.service_session import chain, open_session, tag_parameters
from plinth_sandbox.emulator.message import Answer, DeferredAnswer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.eks.executor.admission import AUDIENCE
from plinth_sandbox.emulator.services.eks.patches.clusters import CLUSTER
from plinth_sandbox.emulator.services.eks.patches.pod_identities import association_of
from plinth_sandbox.emulator.store.record import Place, Record

_SERVICE = "pods.eks"
_CLUSTERS = "eks"
_SECONDS = 21_600
"""Duration of a session: six hours. That of a target role, which is assumed in turn, is an hour."""
_USER = "system:serviceaccount:"
_POD_NAME, _POD_UID = (f"authentication.kubernetes.io/pod-{field}" for field in ("name", "uid"))
_DENIED = "Unauthorized Exception! EKS does not have permissions to assume the associated role."


@dataclass(frozen=True, slots=True)
class _Pod:
    """The pod that holds a token."""

    namespace: str
    service_account: str
    name: str
    uid: str


def _assume(exchange: Exchange, runtime: Runtime) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    place = Place(call.account, call.region, _CLUSTERS)
    cluster = exchange.memory.store.find(place, CLUSTER, {"name": given["clusterName"]})
    if cluster is None:
        raise AwsError("ResourceNotFoundException", f"No cluster found for name: {given['clusterName']}.")
    token = str(given["token"])
    claims = _claims(token)

    def complete() -> Answer:
        try:
            pod = _verified(token, claims, cluster, runtime)
            return call.reply(_credentials(pod, cluster, runtime))
        except AwsError as error:
            return call.reply(error)

    return DeferredAnswer(200, complete=complete, calls_back=True)


def _claims(token: str) -> Mapping[str, Any]:
    """Returns what a token says of itself, which nobody has verified."""
    try:
        _, text, _ = token.split(".")
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error) as error:
        raise AwsError("InvalidTokenException", "The token is not a JSON Web Token") from error
    if not isinstance(found, dict):
        raise AwsError("InvalidTokenException", "The token has no claims")
    return found


def _verified(token: str, claims: Mapping[str, Any], cluster: Record, runtime: Runtime) -> _Pod:
    """Returns the pod that holds a token. The API server verifies signature, issuer, expiry and audience, and that pod
    and service account exist. Raises: AwsError."""
    status = runtime.control_planes.review_token(cluster.arn, token, AUDIENCE)
    if status is None:
        raise AwsError("ServiceUnavailableException", f"The API server of {cluster.arn} does not answer")
    if not status.get("authenticated"):
        expiry = claims.get("exp")
        if isinstance(expiry, int | float) and expiry < time.time() and claims.get("iss") == _issuer(cluster):
            raise AwsError("ExpiredTokenException", "The token has expired")
        raise AwsError("InvalidTokenException", f"The token is not valid for the cluster: {status.get('error', '')}")
    user, extra = status["user"], status["user"].get("extra") or {}
    if not str(user["username"]).startswith(_USER) or not extra.get(_POD_NAME):
        raise AwsError("InvalidTokenException", "The token does not belong to a pod")
    namespace, account = str(user["username"]).removeprefix(_USER).split(":")
    return _Pod(namespace, account, str(extra[_POD_NAME][0]), str(extra[_POD_UID][0]))


def _issuer(cluster: Record) -> str:
    return str(cluster.values["identity"]["oidc"]["issuer"])


def _credentials(pod: _Pod, cluster: Record, runtime: Runtime) -> dict[str, Any]:
    with runtime.outside.lock:
        association = association_of(runtime.memory, cluster, pod.namespace, pod.service_account)
    if association is None:
        raise AwsError(
            "ResourceNotFoundException",
            f"No association exists for service account {pod.service_account} in namespace {pod.namespace}",
        )
    values, name = association.values, _session_name(cluster, pod)
    region, asked = cluster.place.region, {"RoleSessionName": name}
    tags = {} if values["disableSessionTags"] else tag_parameters(_tags(cluster, pod))
    policy = {"Policy": str(values["policy"])} if values.get("policy") else {}
    target = str(values.get("targetRoleArn") or "")
    own = {"RoleArn": str(values["roleArn"]), "DurationSeconds": str(_SECONDS), **tags, **({} if target else policy)}
    opened = _assumed(
        lambda: open_session(runtime.outside, _SERVICE, region, {**asked, **own}, {"source_arn": cluster.arn})
    )
    if target:
        key = str(opened["Credentials"]["AccessKeyId"])
        outer = {"RoleArn": target, "ExternalId": str(values.get("externalId") or ""), **policy}
        given = {member: value for member, value in outer.items() if value}
        opened = _assumed(lambda: chain(runtime.outside, key, region, {**asked, **given}))
    return _described(opened, pod, association)


def _assumed(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return act()
    except AwsError as error:
        if error.code == "NotImplementedBySandbox":
            raise
        raise AwsError("AccessDeniedException", f"{_DENIED} {error.message}") from error


def _session_name(cluster: Record, pod: _Pod) -> str:
    """Returns a name with at most 64 characters that CloudTrail would show."""
    name = str(cluster.values["name"])
    return f"eks-{name[:10]}-{pod.name[:12]}-{uuid4()}"


def _tags(cluster: Record, pod: _Pod) -> dict[str, str]:
    return {
        "eks-cluster-arn": cluster.arn,
        "eks-cluster-name": str(cluster.values["name"]),
        "kubernetes-namespace": pod.namespace,
        "kubernetes-service-account": pod.service_account,
        "kubernetes-pod-name": pod.name,
        "kubernetes-pod-uid": pod.uid,
    }


def _described(opened: Mapping[str, Any], pod: _Pod, association: Record) -> dict[str, Any]:
    issued, user = opened["Credentials"], opened["AssumedRoleUser"]
    expiration = issued["Expiration"]
    return {
        "subject": {"namespace": pod.namespace, "serviceAccount": pod.service_account},
        "audience": AUDIENCE,
        "podIdentityAssociation": {
            member: association.values[member] for member in ("associationArn", "associationId")
        },
        "assumedRoleUser": {"arn": user["Arn"], "assumeRoleId": user["AssumedRoleId"]},
        "credentials": {
            "accessKeyId": issued["AccessKeyId"],
            "secretAccessKey": issued["SecretAccessKey"],
            "sessionToken": issued["SessionToken"],
            "expiration": expiration if isinstance(expiration, datetime) else datetime.fromisoformat(str(expiration)),
        },
    }


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {"AssumeRoleForPodIdentity": _assume}
