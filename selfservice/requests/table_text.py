"""Requests as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from selfservice.errors import BadInputError
from selfservice.requests.reading.use_case_requests import parsed_request
from selfservice.requests.record import RequestRow
from settings.types.redaction import shown


def as_text(rows: Sequence[RequestRow]) -> str:
    """Returns a line per request, and its reason below it."""
    return "\n".join(line for row in rows for line in _lines(row)) or "There are none."


def use_case_of(row: RequestRow) -> str:
    """Returns ``team--use-case``; a question mark for the use case of a request that is wrong."""
    try:
        return f"{row.team}--{parsed_request(row.request).name}"
    except BadInputError:
        return f"{row.team}--?"


def _lines(row: RequestRow) -> Iterator[str]:
    """Yields the lines of a request. A person can have written its id and its time without the command line."""
    commit = row.result.get("commit", "")[:7]
    parts = (shown(row.id), row.state, use_case_of(row), shown(row.user), shown(row.requested), commit)
    yield "  ".join(part for part in parts if part)
    yield from (f"    {line}" for line in row.result.get("reason", "").splitlines())
