"""S3: evaluation of bucket policies. moto treats a condition that it cannot test as false, and a statement whose
conditions are false as a denial, so that a bucket that denies plain HTTP denies everybody.

These patches evaluate only statements that need no knowledge of the caller: statements for all principals without
conditions. An emulated call has no network, TLS or organization, so statements with such conditions do not count.
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
    """Returns whether the element, or its negation (``NotAction``, ``NotResource``), covers the value."""
    negated = f"Not{element}" in statement
    patterns = listed(statement.get(f"Not{element}" if negated else element))
    named = any(covers(pattern.lower() if element == "Action" else pattern, value) for pattern in patterns)
    return named != negated


def listed(value: Any) -> list[Any]:
    """Returns a list. A policy may write a list of one as its element."""
    return value if isinstance(value, list) else [] if value is None else [value]


def covers(pattern: str, value: str) -> bool:
    """Returns whether a policy's pattern matches the value."""
    wildcards = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(wildcards, value) is not None
