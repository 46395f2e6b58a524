"""S3: what a bucket's policy decides. moto takes a condition that it cannot test for one that does not hold, and a
statement whose conditions do not hold for a refusal: a bucket that refuses plain HTTP then refuses everybody.

What decides here is what needs no knowledge of the caller: statements about everybody, without conditions. Networks,
TLS and organizations are nothing that an emulated call has, so what asks for them says nothing.
"""

from __future__ import annotations

import json
import re
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

Statement = dict[str, Any]


def patch_moto() -> None:
    FakeBucket.get_permission = _permission


def _permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
    document = json.loads(bucket.policy or b"{}")
    effects = {s.get("Effect") for s in listed(document.get("Statement")) if _decides(s, action, resource)}
    if "Deny" in effects:
        return PermissionResult.DENIED
    return PermissionResult.PERMITTED if "Allow" in effects else PermissionResult.NEUTRAL


def _decides(statement: Statement, action: str, resource: str) -> bool:
    principal = statement.get("Principal")
    everybody = listed(principal.get("AWS") if isinstance(principal, dict) else principal)
    return (
        not statement.get("Condition")
        and "*" in everybody
        and _concerns(statement, "Action", action.lower())
        and _concerns(statement, "Resource", resource)
    )


def _concerns(statement: Statement, element: str, value: str) -> bool:
    """By the element, or by the one that says what is left out."""
    negated = f"Not{element}" in statement
    patterns = listed(statement.get(f"Not{element}" if negated else element))
    named = any(covers(pattern.lower() if element == "Action" else pattern, value) for pattern in patterns)
    return named != negated


def listed(value: Any) -> list[Any]:
    """A policy may spell a list of one as its element."""
    return value if isinstance(value, list) else [] if value is None else [value]


def covers(pattern: str, value: str) -> bool:
    """Whether the value is one that a policy's pattern stands for."""
    wildcards = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(wildcards, value) is not None
