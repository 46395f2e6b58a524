"""The documented outcome of a request, by what each kind of policy says of it.

Written from the IAM User Guide: "Policy evaluation for requests within a single account", "How AWS enforcement code
logic evaluates requests", "Cross-account policy evaluation logic", with its table "Resource-based policies and implicit
denies in other policy types (same account)".
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

NONE, SILENT, ALLOW, DENY = "none", "silent", "allow", "deny"
"""No policy of that kind; one that does not mention the request; one that allows it; one that denies it."""
ACCOUNT, ROLE, SESSION = "allows the account", "allows the role", "allows the session"
ANY = "any"

SAYINGS: Mapping[str, tuple[str, ...]] = {
    "service control": (SILENT, ALLOW, DENY),
    "resource control": (SILENT, ALLOW, DENY),
    "resource": (NONE, SILENT, ACCOUNT, ROLE, SESSION, DENY),
    "identity": (NONE, SILENT, ALLOW, DENY),
    "boundary": (NONE, SILENT, ALLOW, DENY),
    "session": (NONE, SILENT, ALLOW, DENY),
}
"""What each kind of policy may say. AWS attaches control policies to every account, so there is never none."""

Row = tuple[Mapping[str, tuple[str, ...]], bool]
"""What some policies say, and whether the request is then allowed. The first row that fits a situation holds."""

EXPLICIT_DENIES: tuple[Row, ...] = tuple(({kind: (DENY,)}, False) for kind in SAYINGS)
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
OF_A_KEY: tuple[Row, ...] = (
    *CONTROL,
    ({"resource": (NONE, SILENT)}, False),
    *IN_ONE_ACCOUNT,
)
"""KMS Developer Guide, "Key policies": no principal has any permission to a key unless the key policy gives it."""


def situations() -> list[dict[str, str]]:
    """Every combination of what the kinds of policy say."""
    return [dict(zip(SAYINGS, said, strict=True)) for said in product(*SAYINGS.values())]


def outcome(table: tuple[Row, ...], said: Mapping[str, str]) -> bool:
    """What the table says of a situation."""
    return next(allowed for row, allowed in table if all(said[kind] in fits for kind, fits in row.items()))
