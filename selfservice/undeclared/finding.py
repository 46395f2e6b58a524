"""Findings in AWS that no stack declares, and services and resources that could not be read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Danger(StrEnum):
    """How dangerous a finding is. The members are in the order of danger, the worst first."""

    OUTSIDE = "opens to outside the organization"
    """Somebody who is in no account of the organization gets in."""
    TAKE_OVER = "can be used to take over"
    """Whoever has it can give himself or others more: administrators, credentials, grant options."""
    ORGANIZATION = "opens inside the organization"
    """Another account, or data for principals that were not granted it."""
    ACCOUNT = "adds something inside one account"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Danger).index(self)


def worst(dangers: Iterable[Danger | None]) -> Danger | None:
    """Returns the worst of some dangers, of which None is none; None without any."""
    return min((danger for danger in dangers if danger is not None), key=lambda danger: danger.rank, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something in AWS that opens data or powers, and that no stack declares."""

    danger: Danger
    account: str
    """Id of the account that contains it."""
    service: str
    resource: str
    """The ARN, or a text in the form of an ARN if AWS has none. Exceptions in the settings match it."""
    allows: str
    """Actions that it allows, as a phrase without a subject."""
    principals: tuple[str, ...] = ()
    """Principals that it admits, as AWS names them; empty if that is not limited to anybody."""
    since: str | None = None
    """When it was created or changed (ISO 8601, UTC), if AWS tells."""
    remedy: str
    """Recommended action, as a sentence."""
    note: str = ""
    """Why an acceptance in the settings does not hold; empty if there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """Something that could not be read, so that nobody knows what it allows."""

    account: str
    region: str
    """Empty for what belongs to no region."""
    what: str
    """The service, or one of its resources."""
    reason: str


def by_danger(finding: Finding) -> tuple[int, str, str, str, tuple[str, ...]]:
    """Sort key: the worst first, then by account, service and resource."""
    return (finding.danger.rank, finding.account, finding.service, finding.resource, finding.principals)


def day(time: object) -> str | None:
    """Returns a time of a response of AWS as text, to the second; None if there is none."""
    return time.isoformat(timespec="seconds") if isinstance(time, datetime) else None
