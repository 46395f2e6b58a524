"""Writes a request into the team catalog."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.changes.requested.reading import Request

if TYPE_CHECKING:
    from selfservice.catalog.change_requests import ChangeRequests

_WHAT = {
    "create": "the team",
    "change": "a change of the team",
    "upgrade": "the upgrade of the team",
    "decommission": "the decommission of the team",
    "create-use-case": "the use case",
    "retire-use-case": "the retirement of the use case",
}
_UNCHANGED = {
    "upgrade": "The settings of {} stay; the runner updates its stacks with the installed version.",
    "decommission": "The settings have no team {}; the runner destroys what is deployed.",
    "retire-use-case": "The settings have no use case {}; the runner destroys what is deployed.",
}
_ONCE = ("decommission", "retire-use-case")
"""Actions of which a second request could only be refused, after the first one has removed everything."""
_PRESENT = "The settings of {} are as requested; the runner deploys what is not deployed."


def refuse_repeated(requests: ChangeRequests, wanted: Request) -> None:
    """Raises RefusedError if an open request already asks for the same removal."""
    from selfservice.changes.requested.open_requests import open_requests
    from selfservice.errors import RefusedError

    same = [one for one in open_requests(requests) if one.removes(wanted)]
    if same:
        named = "; ".join(one.line for one in same)
        raise RefusedError(
            f"nothing was requested: {_WHAT[wanted.action]} {wanted.subject} is requested already: {named}"
        )


def submit(directory: Path, wanted: Request) -> None:
    """Checks a request against the settings, if there are any, and writes it under the name of the caller.

    Raises: BadInputError, RefusedError, SettingsError.
    """
    from datetime import UTC, datetime

    from selfservice.changes.settings_change import settings_change
    from selfservice.cli.commands.requests.catalog_access import platform_engineer
    from selfservice.errors import BadInputError
    from selfservice.requests.request_table import new_id
    from selfservice.runner.project import find_directory

    try:
        project: Path | None = find_directory(directory)
    except BadInputError:
        project = None
    if project is not None and not settings_change(project, wanted).files:
        click.echo(_UNCHANGED.get(wanted.action, _PRESENT).format(wanted.subject))
    now = datetime.now(UTC)
    id_ = new_id(now)
    with platform_engineer(directory) as engineer:
        if wanted.action in _ONCE:
            refuse_repeated(engineer.requests, wanted)
        engineer.requests.add(engineer.user, wanted.text, id_=id_, now=now)
    click.echo(f"Requested {_WHAT[wanted.action]} {wanted.subject} as {engineer.user}, request {id_}.")
    click.echo(f"Next: plinth requests show {id_}")
