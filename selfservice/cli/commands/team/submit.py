"""Writes a request into the team catalog."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.changes.requested.reading import Request

_WHAT = {
    "create": "the team",
    "change": "a change of the team",
    "decommission": "the decommission of the team",
}


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
        if wanted.action == "decommission":
            click.echo(f"The settings have no team {wanted.team}; the runner destroys what is deployed.")
        else:
            click.echo(f"The settings of {wanted.team} are as requested; the runner deploys what is not deployed.")
    now = datetime.now(UTC)
    id_ = new_id(now)
    with platform_engineer(directory) as engineer:
        engineer.requests.add(engineer.user, wanted.text, id_=id_, now=now)
    click.echo(f"Requested {_WHAT[wanted.action]} {wanted.team} as {engineer.user}, request {id_}.")
    click.echo(f"Next: plinth requests show {id_}")
