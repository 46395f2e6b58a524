"""IAM: quotas of policies, principals of trust policies, and permissions boundaries.

Quotas: IAM User Guide, "IAM and AWS STS quotas" (read 2026-11-21). White space does not count.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from moto.iam.models import iam_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Check, Checks, has_reserved_tag
from plinth_sandbox.emulator.preconditions.policy_documents import (
    missing_principal,
    parsed,
    size_without_white_space,
    unrestricted_issuer,
)

LONGEST_MANAGED_POLICY = 6_144
LONGEST_TRUST_POLICY = 2_048
LONGEST_INLINE_POLICIES = {"role": 10_240, "group": 5_120, "user": 2_048}
"""Quota of the sum of an identity's inline policies."""
MOST_ATTACHED_POLICIES = 10


def _tags(call: Call) -> None:
    """Refuses tags of AWS, which moto accepts."""
    if has_reserved_tag(call.parameters.get("Tags", [])):
        raise AwsError("InvalidInput", "Tag keys that begin with aws: are reserved for AWS.")


def _managed_policy(call: Call) -> None:
    if size_without_white_space(call.parameters["PolicyDocument"]) > LONGEST_MANAGED_POLICY:
        raise _over_quota(f"PolicySize: {LONGEST_MANAGED_POLICY}")


def _inline_policy(kind: str, call: Call) -> None:
    """Refuses a policy that makes the inline policies of an identity too long in sum."""
    owner = _named(kind, call)
    before: dict[str, Any] = getattr(owner, "policies", {})
    others = [document for name, document in before.items() if name != call.parameters["PolicyName"]]
    size = sum(size_without_white_space(str(text)) for text in [*others, call.parameters["PolicyDocument"]])
    most = LONGEST_INLINE_POLICIES[kind]
    if size > most:
        name = call.parameters[f"{kind.title()}Name"]
        message = f"Maximum policy size of {most} bytes exceeded for {kind} {name}"
        raise AwsError("LimitExceeded", message, status=409)


def _attachment(call: Call) -> None:
    role = _named("role", call)
    attached = set(getattr(role, "managed_policies", {})) | {call.parameters["PolicyArn"]}
    if len(attached) > MOST_ATTACHED_POLICIES:
        raise _over_quota(f"PoliciesPerRole: {MOST_ATTACHED_POLICIES}")


def _role(call: Call) -> None:
    _trust(call.parameters["AssumeRolePolicyDocument"])
    _boundary(call)


def _trust_update(call: Call) -> None:
    _trust(call.parameters["PolicyDocument"])


def _trust(document: str) -> None:
    if size_without_white_space(document) > LONGEST_TRUST_POLICY:
        raise _over_quota(f"ACLSizePerRole: {LONGEST_TRUST_POLICY}")
    content = parsed(document)
    missing = missing_principal(content) if content else None
    if missing is not None:
        kind, name = missing
        raise AwsError("MalformedPolicyDocument", f'Invalid principal in policy: "{kind.upper()}":"{name}"', status=400)
    issuer = unrestricted_issuer(content) if content else None
    if issuer is not None:
        message = f"The trust policy must evaluate {issuer}:sub, because tokens of this provider are not yours alone"
        raise AwsError("MalformedPolicyDocument", message, status=400)


def _boundary(call: Call) -> None:
    arn = str(call.parameters.get("PermissionsBoundary", ""))
    own = f":iam::{call.account}:policy/"
    if own in arn and arn not in _backend(call).managed_policies:
        raise AwsError("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", status=404)


def _over_quota(quota: str) -> AwsError:
    return AwsError("LimitExceeded", f"Cannot exceed quota for {quota}", status=409)


def _named(kind: str, call: Call) -> Any:
    """Returns the role, group or user of the request, or nothing if it does not exist."""
    name = call.parameters[f"{kind.title()}Name"]
    found = getattr(_backend(call), f"{kind}s").values()
    return next((identity for identity in found if identity.name == name), None)


def _backend(call: Call) -> Any:
    return iam_backends[call.account]["aws"]


_OPERATIONS: dict[str, Check] = {
    "AttachRolePolicy": _attachment,
    "CreatePolicy": _managed_policy,
    "CreatePolicyVersion": _managed_policy,
    "CreateRole": _role,
    "CreateUser": _boundary,
    "PutGroupPolicy": partial(_inline_policy, "group"),
    "PutRolePermissionsBoundary": _boundary,
    "PutRolePolicy": partial(_inline_policy, "role"),
    "PutUserPermissionsBoundary": _boundary,
    "PutUserPolicy": partial(_inline_policy, "user"),
    "TagPolicy": _tags,
    "TagRole": _tags,
    "TagUser": _tags,
    "UpdateAssumeRolePolicy": _trust_update,
}

CHECKS: Checks = {("iam", operation): check for operation, check in _OPERATIONS.items()}
