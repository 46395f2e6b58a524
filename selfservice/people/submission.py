"""Writes a request into the team catalog in the name of a person."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.changes.requested.open_requests import open_requests
from selfservice.changes.requested.reading import Request
from selfservice.changes.settings_change import settings_change
from selfservice.errors import RefusedError
from selfservice.people.platform_engineer import PlatformEngineer
from selfservice.requests.request_table import new_id

WHAT = {
    "create": "the team",
    "change": "a change of the team",
    "upgrade": "the upgrade of the team",
    "decommission": "the decommission of the team",
    "create-use-case": "the use case",
    "retire-use-case": "the retirement of the use case",
}
"""What a request of each action asks for."""
_UNCHANGED = {
    "upgrade": "The settings of {} stay; the runner updates its stacks with the installed version.",
    "decommission": "The settings have no team {}; the runner destroys what is deployed.",
    "retire-use-case": "The settings have no use case {}; the runner destroys what is deployed.",
}
_ONCE = ("decommission", "retire-use-case")
"""Actions of which a second request could only be refused, after the first one has removed everything."""
_PRESENT = "The settings of {} are as requested; the runner deploys what is not deployed."


def notice_of(project: Path, wanted: Request) -> str:
    """Returns what to know about a request that changes no settings file; empty for any other.

    Raises: BadInputError, RefusedError, SettingsError if the request does not fit the settings of the project.
    """
    if settings_change(project, wanted).files:
        return ""
    return _UNCHANGED.get(wanted.action, _PRESENT).format(wanted.subject)


def submit(engineer: PlatformEngineer, wanted: Request, id_: str = "") -> str:
    """Writes a request under the name of the person, and returns its id: a new one, unless one is given.

    Raises: RefusedError if an open request already asks for the same removal; BadInputError if the given id belongs to
    another request. The same request again under its id changes nothing.
    """
    now = datetime.now(UTC)
    id_ = id_ or new_id(now)
    if wanted.action in _ONCE:
        refuse_repeated(engineer.requests, wanted)
    engineer.requests.add(engineer.user, wanted.text, id_=id_, now=now)
    return id_


def refuse_repeated(requests: ChangeRequests, wanted: Request) -> None:
    """Raises RefusedError if an open request already asks for the same removal."""
    same = [one for one in open_requests(requests) if one.removes(wanted)]
    if same:
        named = "; ".join(one.line for one in same)
        raise RefusedError(
            f"nothing was requested: {WHAT[wanted.action]} {wanted.subject} is requested already: {named}"
        )
