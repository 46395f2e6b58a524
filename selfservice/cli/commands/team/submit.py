"""Writes a request into the team catalog, for the commands that make one."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.requests.kinds.request import Request


def submit(directory: Path, wanted: Request) -> None:
    """Checks a request against the settings, if there are any, and writes it under the name of the caller.

    Raises: BadInputError, RefusedError, SettingsError.
    """
    from selfservice.errors import BadInputError
    from selfservice.people import submission
    from selfservice.people.platform_engineer import platform_engineer
    from selfservice.projects.project import find_directory

    try:
        project: Path | None = find_directory(directory)
    except BadInputError:
        project = None
    if project is not None and (notice := submission.notice_of(project, wanted)):
        click.echo(notice)
    with platform_engineer(directory) as engineer:
        id_ = submission.submit(engineer, wanted)
    click.echo(f"Requested {submission.asked_for(wanted)} as {engineer.user}, request {id_}.")
    click.echo(f"Next: plinth requests show {id_}")
