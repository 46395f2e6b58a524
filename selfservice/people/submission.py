"""Writes a request into the team catalog in the name of a person."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.changes.settings_change import settings_change
from selfservice.errors import RefusedError
from selfservice.people.platform_engineer import PlatformEngineer
from selfservice.request_tables.request_id import new_id
from selfservice.requests.kinds.request import Request
from selfservice.requests.open_requests import open_requests


def notice_of(project: Path, wanted: Request) -> str:
    """Returns what to know about a request that changes no settings file; empty for any other.

    Raises: BadInputError, RefusedError, SettingsError if the request does not fit the settings of the project.
    """
    if settings_change(project, wanted).files:
        return ""
    return wanted.described.unchanged.format(wanted.subject)


def asked_for(wanted: Request) -> str:
    """Returns what a request asks for, as part of a sentence."""
    return f"{wanted.described.asks_for} {wanted.subject}"


def submit(engineer: PlatformEngineer, wanted: Request, id_: str = "") -> str:
    """Writes a request under the name of the person, and returns its id: a new one, unless one is given.

    Raises: RefusedError if an open request already asks for the same removal; BadInputError if the given id belongs to
    another request. The same request again under its id changes nothing.
    """
    now = datetime.now(UTC)
    id_ = id_ or new_id(now)
    if wanted.described.is_removal:
        refuse_repeated(engineer.requests, wanted)
    engineer.requests.add(engineer.user, wanted.text, id_=id_, now=now)
    return id_


def refuse_repeated(requests: ChangeRequests, wanted: Request) -> None:
    """Raises RefusedError if an open request already asks for the same removal."""
    same = [open_request for open_request in open_requests(requests) if open_request.removes(wanted)]
    if same:
        named = "; ".join(open_request.line for open_request in same)
        raise RefusedError(f"nothing was requested: {asked_for(wanted)} is requested already: {named}")
