"""Calls of the REST API of a forge, with its refusals as messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

import urllib3

from selfservice.errors import BadInputError

PER_PAGE = 100
_SECONDS = 30


def call(
    forge: str,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Mapping[str, Any] | None,
    hint: str,
    refused: tuple[int, ...] = (),
) -> tuple[int, Any]:
    """Returns status and body of the answer.

    Raises: BadInputError if the forge does not answer, or for every error whose status is not in ``refused``. The
    message ends with ``hint`` if the token is the cause.
    """
    retries = urllib3.Retry(total=3, redirect=0, status_forcelist=(502, 503, 504), backoff_factor=0.5)
    try:
        answer = urllib3.request(
            method, url, headers={"User-Agent": "plinth", **headers}, json=body, timeout=_SECONDS, retries=retries
        )
    except urllib3.exceptions.HTTPError as error:
        raise BadInputError(f"{forge} does not answer at {url}: {error}") from None
    if answer.status >= 400 and answer.status not in refused:
        reason = f"{answer.status} {_reason(answer.data)}"
        advice = f"; {hint}" if answer.status in (401, 403, 404) else ""
        raise BadInputError(f"{forge} refused the call of {url}: {reason}{advice}")
    return answer.status, json.loads(answer.data) if answer.data else None


def every_page(fetch: Callable[[int], Sequence[Any]]) -> Iterator[Any]:
    """Yields the items of all pages. ``fetch`` returns a page by its number, from 1 on."""
    for page in count(1):
        items = fetch(page)
        yield from items
        if len(items) < PER_PAGE:
            return


def _reason(body: bytes) -> str:
    try:
        said = json.loads(body)
    except ValueError:
        return body[:200].decode(errors="replace")
    return str(said.get("message") or said.get("error") or said) if isinstance(said, dict) else str(said)
