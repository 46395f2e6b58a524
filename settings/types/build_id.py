"""Builds and checks the build ids and branch folders that object keys contain."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.name_checks import check_parts

BUILD_ID = "2[0-9]{3}[01][0-9][0-3][0-9]T[0-2][0-9][0-5][0-9][0-5][0-9]-[0-9a-z]{7,40}"
"""UTC time and the start of a commit or run id, which separates builds of one second: 20220621T101500-1a2b3c4 (S3-04).
"""
FIRST_DIGIT = "2"
"""First character of every build id until the year 3000. No branch folder starts with it."""

_TIME = "%Y%m%dT%H%M%S"
_MAIN = ("main", "master")
_FEATURE = "feature-"
_READABLE = 30
_DIGITS = 10
"""Length of the branch hash. At 40 bits, two of a thousand branches collide in one of two million use cases."""


def build_id(text: str) -> str:
    """Returns ``text`` if it is a build id whose time is a valid date and time."""
    if not re.fullmatch(BUILD_ID, text) or not _is_moment(text.partition("-")[0]):
        rule = "is not a build id: UTC time, a hyphen, and 7-40 lower-case letters or digits of a commit or run id"
        raise refusal(Code.LAYOUT, rule, "create it with build_id_of, for example 20220621T101500-1a2b3c4")
    return text


def build_id_of(at: datetime, origin: str) -> str:
    """Returns the id of a build from its start time and the id of its commit or run. Ids sort by start time.

    Raises SettingsError for a time without a time zone and for an ``origin`` that cannot be a commit or run id.
    """
    check_parts(at=(at, _check_zone))
    text = f"{at.astimezone(UTC).strftime(_TIME)}-{origin}"
    check_parts(build_id=(text, build_id))
    return text


def branch_folder(branch: str) -> str:
    """Returns the folder of a git branch: empty for main, ``develop``, or ``feature-<name>-<hash>``.

    The hash separates branches whose names differ only in characters that are replaced in keys, so no key belongs to
    two branches (S3-05).
    """
    name = branch.removeprefix("refs/heads/")
    if name in _MAIN:
        return ""
    if name == "develop":
        return name
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower().removeprefix("feature/"))[:_READABLE].strip("-")
    digest = sha256(name.encode()).hexdigest()[:_DIGITS]
    return f"{_FEATURE}{readable}-{digest}" if readable else f"{_FEATURE}{digest}"


def _check_zone(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise refusal(Code.LAYOUT, "has no time zone, so build ids would not sort by time", "give the time in UTC")
    return at


def _is_moment(text: str) -> bool:
    try:
        datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
