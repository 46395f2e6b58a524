"""Looks up the people of a request, and tells who writes it if the directory does not answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from selfservice.requests.reading.people_lookup import LookUpError, unknown_people


def look_up_people(
    region: str | None,
    names: Iterable[str],
    *,
    open_session: Callable[..., Any] | None = None,
    tell: Callable[[str], object] | None = None,
) -> Collection[str]:
    """Returns those of the names that the directory of IAM Identity Center does not have.

    ``region`` is that of the settings, if there are any. ``open_session`` opens a session of boto3; None opens one with
    the credentials of the shell. If the directory does not answer, calls ``tell`` with the reason and returns nobody:
    the runner looks them up again.
    """
    try:
        return unknown_people(region, names, open_session)
    except LookUpError as error:
        if tell is not None:
            tell(f"People are looked up later, in the review of the request: {error}")
        return frozenset()
