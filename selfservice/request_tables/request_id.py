"""Ids and limits of requests."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

MAX_CHARACTERS = 8_000
"""Longest text of a request in characters. One with all answers of a template has fewer than 2,000."""
LONGEST_TIME = 32
"""Characters of a time that are read. A person may have written more than fits into a record."""
_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}")


def new_id(now: datetime) -> str:
    """Returns a new id of a request. Ids sort by time."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def is_id(text: str) -> bool:
    """Returns whether the text is an id as :func:`new_id` makes them."""
    return _ID.fullmatch(text) is not None
