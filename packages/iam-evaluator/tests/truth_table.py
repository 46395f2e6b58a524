"""The documented outcome of a request, by the state of each kind of policy.

Sources: IAM User Guide: "Policy evaluation for requests within a single account", "How AWS enforcement code
logic evaluates requests", "Cross-account policy evaluation logic", with its table "Resource-based policies and implicit
denies in other policy types (same account)".
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

NONE, SILENT, ALLOW, DENY = "none", "silent", "allow", "deny"
"""States of a kind of policy: none exists, none mentions the request, one allows it, one denies it."""
ACCOUNT, ROLE, SESSION = "allows the account", "allows the role", "allows the session"
ANY = "any"

STATES: Mapping[str, tuple[str, ...]] = {
    "service control": (SILENT, ALLOW, DENY),
    "resource control": (SILENT, ALLOW, DENY),
    "resource": (NONE, SILENT, ACCOUNT, ROLE, SESSION, DENY),
    "identity": (NONE, SILENT, ALLOW, DENY),
    "boundary": (NONE, SILENT, ALLOW, DENY),
    "session": (NONE, SILENT, ALLOW, DENY),
}
"""Possible states of each kind of policy. AWS attaches control policies to every account, so one always exists."""

Row = tuple[Mapping[str, tuple[str, ...]], bool]
"""States of some kinds of policy, and whether the request is then allowed. The first matching row decides."""

EXPLICIT_DENIES: tuple[Row, ...] = tuple(({kind: (DENY,)}, False) for kind in STATES)
CONTROL: tuple[Row, ...] = (
    *EXPLICIT_DENIES,
    ({"service control": (SILENT,)}, False),
    ({"resource control": (SILENT,)}, False),
)
IDENTITY: tuple[Row, ...] = (
    ({"identity": (NONE, SILENT)}, False),
    ({"boundary": (SILENT,)}, False),
    ({"session": (SILENT,)}, False),
    ({}, True),
)
IN_ONE_ACCOUNT: tuple[Row, ...] = (
    *CONTROL,
    ({"resource": (SESSION,)}, True),
    ({"resource": (ROLE,), "boundary": (SILENT,)}, False),
    ({"resource": (ROLE,), "session": (SILENT,)}, False),
    ({"resource": (ROLE,)}, True),
    *IDENTITY,
)
ACROSS_ACCOUNTS: tuple[Row, ...] = (*CONTROL, ({"resource": (NONE, SILENT)}, False), *IDENTITY)
FOR_KEYS: tuple[Row, ...] = (
    *CONTROL,
    ({"resource": (NONE, SILENT)}, False),
    *IN_ONE_ACCOUNT,
)
"""KMS Developer Guide, "Key policies": no principal has any permission to a key unless the key policy gives it."""


def combinations() -> list[dict[str, str]]:
    """Returns every combination of states."""
    return [dict(zip(STATES, states, strict=True)) for states in product(*STATES.values())]


def outcome(table: tuple[Row, ...], states: Mapping[str, str]) -> bool:
    """Returns whether a table allows a combination of states."""
    return next(allowed for row, allowed in table if all(states[kind] in fits for kind, fits in row.items()))
