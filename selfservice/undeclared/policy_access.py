"""Access that a resource policy or a trust policy gives to principals outside of its own account."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from selfservice.undeclared.finding import Danger, worst
from selfservice.undeclared.organization import OrganizationAccounts, account_of

EVERYONE = "*"
"""The principal of a policy that admits everyone."""
_POSITIVE = re.compile(r"(?:ForAnyValue:)?(?:StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike)")
"""Operators that limit a request to values. With ``IfExists`` or ``ForAllValues`` they also admit requests without the
key (IAM User Guide, "IAM JSON policy elements: Condition operators")."""
_ORGANIZATIONS = frozenset({"aws:principalorgid", "aws:sourceorgid"})
_ORGANIZATION_PATHS = frozenset({"aws:principalorgpaths", "aws:sourceorgpaths"})
_ACCOUNTS = frozenset(
    {
        "aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount",
        "s3:dataaccesspointaccount",
    }
)  # fmt: skip
_ARNS = frozenset({"aws:principalarn", "aws:sourcearn"})
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,}")
"""Unique id of a deleted user or role, which admits nobody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """Access of principals outside of the account of a policy."""

    danger: Danger
    principal: str
    actions: tuple[str, ...]


def admissions(document: str | Mapping[str, Any], owner: str, organization: OrganizationAccounts) -> list[Admission]:
    """Returns whom a policy of a resource in the account ``owner`` admits from elsewhere.

    AWS services are left out, because they act for somebody whose access is judged where it is granted. A condition
    counts only if it limits requests to an account or the organization. A Deny is not counted, so the result can name
    access that another statement refuses.
    """
    parsed = json.loads(document) if isinstance(document, str) else document
    return [
        admission
        for statement in listed(parsed.get("Statement"))
        for admission in _admitted(statement, owner, organization)
    ]


def named(principal: str) -> str:
    """Returns a principal as reports name it."""
    return "everyone" if principal == EVERYONE else principal


def listed(value: Any) -> list[Any]:
    """Returns an element of a policy as a list, which may be written as one value."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _admitted(statement: Mapping[str, Any], owner: str, organization: OrganizationAccounts) -> Iterator[Admission]:
    if statement.get("Effect") != "Allow":
        return
    limit = _limit(statement.get("Condition") or {}, owner, organization)
    actions = tuple(map(str, listed(statement.get("Action")))) or ("everything except some actions",)
    for principal in _principals(statement):
        danger = organization.danger_to(principal, owner)
        if danger is None or _UNIQUE_ID.fullmatch(principal):
            continue
        # A condition narrows who is admitted, and never widens it.
        if limit is not None:
            danger = _narrower(danger, limit.danger)
        if danger is not None:
            yield Admission(danger=danger, principal=named(principal), actions=actions)


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    if "NotPrincipal" in statement:
        yield EVERYONE
    principal = statement.get("Principal")
    if isinstance(principal, str):
        yield principal
    for kind, names in principal.items() if isinstance(principal, Mapping) else ():
        if kind != "Service":
            yield from map(str, listed(names))


@dataclass(frozen=True, slots=True)
class _Limit:
    """The principals to which conditions limit a statement."""

    danger: Danger | None
    """None for principals of the own account only."""


def _narrower(left: Danger | None, right: Danger | None) -> Danger | None:
    return None if left is None or right is None else max(left, right, key=lambda danger: danger.rank)


def _limit(condition: Mapping[str, Any], owner: str, organization: OrganizationAccounts) -> _Limit | None:
    """Returns the limit of conditions, of which the narrowest counts because all must hold; None without a limit."""
    found: _Limit | None = None
    for operator, keys in condition.items():
        for key, values in keys.items() if _POSITIVE.fullmatch(operator) else ():
            limit = _limit_of(str(key).lower(), [str(value) for value in listed(values)], owner, organization)
            if limit is not None:
                found = limit if found is None else _Limit(_narrower(found.danger, limit.danger))
    return found


def _limit_of(key: str, values: list[str], owner: str, organization: OrganizationAccounts) -> _Limit | None:
    if key in _ORGANIZATIONS or key in _ORGANIZATION_PATHS:
        ours = all(value.partition("/")[0] == organization.id for value in values)
        return _Limit(Danger.ORGANIZATION if ours else Danger.OUTSIDE)
    if key not in _ACCOUNTS | _ARNS or any(account_of(value) is None for value in values):
        return None
    return _Limit(worst(organization.danger_to(value, owner) for value in values))
