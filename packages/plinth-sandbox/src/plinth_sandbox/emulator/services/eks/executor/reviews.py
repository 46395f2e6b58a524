"""Answers the webhooks of API servers: who holds a token (TokenReview), whether an access policy allows a request
(SubjectAccessReview), and what a new pod gets (AdmissionReview)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.emulator.authentication import Authentication
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.process import KUBERNETES_PATH
from plinth_sandbox.emulator.services.eks.executor import admission, registry
from plinth_sandbox.emulator.services.eks.executor.access_policies import allows
from plinth_sandbox.emulator.services.eks.executor.clusters import PRINCIPAL_ID, associations_of, by_arn, entry_of
from plinth_sandbox.emulator.services.eks.executor.control_planes import ADMISSION, AUTHENTICATION, REGISTRY
from plinth_sandbox.emulator.services.eks.executor.tokens import Identity, InvalidTokenError, identity_of
from plinth_sandbox.emulator.store.record import Record

_ARN = "arn"
_CANONICAL_ARN = "canonicalarn"
"""Names of what a user carries beside its name. Kubernetes requires lower case."""


def answer(request: Request, runtime: Runtime, authentication: Authentication) -> Answer:
    """Answers the API server of a cluster, whose addresses contain a secret, or its node."""
    parts = request.path.removeprefix(KUBERNETES_PATH).strip("/").split("/")
    identifier, token, kind = parts if len(parts) == 3 else ("", "", "")
    if len(parts) > 3 and parts[1] == REGISTRY:
        return registry.answer(request, parts[0], parts[2:], runtime)
    known = runtime.control_planes.cluster_of(identifier, token, kind)
    cluster = None if known is None else by_arn(runtime.memory, known.arn)
    if cluster is None:
        return Answer.of_json(403, {"message": "only the API server of a cluster may ask"})
    review = json.loads(request.body)
    if kind == ADMISSION:
        return Answer.of_json(200, admission.reviewed(review, cluster, runtime.memory, _annotations(cluster, runtime)))
    if kind == AUTHENTICATION:
        status = _authenticated(str(review["spec"].get("token", "")), cluster, runtime, authentication)
    else:
        status = _authorized(review["spec"], cluster, runtime)
    return Answer.of_json(200, {"apiVersion": review["apiVersion"], "kind": review["kind"], "status": status})


def _annotations(cluster: Record, runtime: Runtime) -> Callable[[str, str], Mapping[str, str]]:
    """Returns a function that asks the API server of a cluster, which needs no emulator to answer its administrator."""
    administrator = runtime.control_planes.administrator_of(cluster.arn)
    return administrator.annotations_of if administrator is not None else lambda _namespace, _name: {}


def _authenticated(token: str, cluster: Record, runtime: Runtime, authentication: Authentication) -> dict[str, Any]:
    try:
        identity = identity_of(token, str(cluster.values["name"]), authentication)
    except InvalidTokenError as error:
        return {"authenticated": False, "error": f"the token is not valid: {error}"}
    entry = entry_of(runtime.memory, cluster, identity.arn)
    if entry is None or entry.values.get(PRINCIPAL_ID, identity.unique_id) != identity.unique_id:
        return {"authenticated": False, "error": f"{identity.arn} has no access entry in the cluster"}
    return {"authenticated": True, "user": _user(entry, identity)}


def _user(entry: Record, identity: Identity) -> dict[str, Any]:
    return {
        "username": _username(entry, identity),
        "uid": f"aws-iam-authenticator:{identity.account}:{identity.unique_id}",
        "groups": list(entry.values["kubernetesGroups"]),
        "extra": {
            "accesskeyid": [identity.access_key],
            _ARN: [identity.session_arn],
            _CANONICAL_ARN: [identity.arn],
            "sessionname": [identity.session_name],
        },
    }


def _username(entry: Record, identity: Identity) -> str:
    """Returns the name of the entry with the name of the session, in which EKS replaces "@"."""
    template = str(entry.values["username"])
    raw = identity.session_name
    return template.replace("{{SessionNameRaw}}", raw).replace("{{SessionName}}", raw.replace("@", "-"))


def _authorized(wanted: dict[str, Any], cluster: Record, runtime: Runtime) -> dict[str, Any]:
    """Allows what an access policy of the user's entry allows. RBAC is asked first, and decides the rest."""
    extra = {name.lower(): values for name, values in (wanted.get("extra") or {}).items()}
    principal = next(iter(extra.get(_CANONICAL_ARN) or []), "")
    entry = entry_of(runtime.memory, cluster, principal) if principal else None
    if entry is not None:
        for association in associations_of(runtime.memory, entry):
            policy = str(association.values["policyArn"])
            if allows(policy, association.values["accessScope"], wanted):
                return {"allowed": True, "reason": f"EKS Access Policy: allowed by {policy} of {principal}"}
    return {"allowed": False}
