"""Names of builds and of the branches they are of, as keys carry them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.name_checks import check_parts

BUILD_ID = "2[0-9]{3}[01][0-9][0-3][0-9]T[0-2][0-9][0-5][0-9][0-5][0-9]-[0-9a-z]{7,40}"
"""Time in UTC, then what tells two builds of one second apart: 20220621T101500-1a2b3c4 (S3-04)."""
FIRST_DIGIT = "2"
"""Of every build's id until the year 3000, and of no branch's folder."""

_TIME = "%Y%m%dT%H%M%S"
_MAIN = ("main", "master")
_FEATURE = "feature-"
_READABLE = 30
_DIGITS = 10
"""Of the branch's hash, 40 bits: of a thousand branches, two meet by chance in one of two million use cases."""


def build_id(text: str) -> str:
    """``text`` when it is a build's id, of a moment that there was."""
    if not re.fullmatch(BUILD_ID, text) or not _is_moment(text.partition("-")[0]):
        rule = "is no build id: the time in UTC, a hyphen, and 7-40 digits and lower-case letters of a commit or a run"
        raise refusal(Code.LAYOUT, rule, "make it with build_id_of, as in 20220621T101500-1a2b3c4")
    return text


def build_id_of(at: datetime, origin: str) -> str:
    """The id of a build: when it was started, and of which commit, or the run's id. Ids sort as the times do.

    Raises SettingsError for a time without a zone, which would not sort, and for what is no commit or run.
    """
    check_parts(at=(at, _check_zone))
    text = f"{at.astimezone(UTC).strftime(_TIME)}-{origin}"
    check_parts(build_id=(text, build_id))
    return text


def branch_folder(branch: str) -> str:
    """The folder of a git branch: nothing for main, ``develop``, or ``feature-<name>-<hash>``.

    Names that differ only in characters that a key should not have keep apart by the hash, so that no key belongs to
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
        raise refusal(Code.LAYOUT, "is a time without a zone, which would not sort", "give the time in UTC")
    return at


def _is_moment(text: str) -> bool:
    try:
        datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True
