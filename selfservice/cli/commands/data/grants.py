"""``plinth data grants``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import BadInputError, ExitCode
from selfservice.projects.project import find_directory
from selfservice.reports.data import every_reading, grants_as_json, grants_as_text
from selfservice.reports.pushed_data import pushes, pushes_as_text
from selfservice.reports.returned_data import returns, returns_as_text
from settings.files.validation_cache import load_cached


@click.command("grants", cls=ProjectCommand)
@click.option("--team", metavar="T", shell_complete=completion.teams, help="List only what one team can read.")
@options.as_json
@click.pass_obj
def grants(directory: Path, /, *, team: str | None, as_json: bool) -> ExitCode:
    """List who can read what, and why.

    Prints, for each environment with access: the columns, rows, roles and LF-tags, and the grant that gives access.
    """
    foundation = load_cached(find_directory(directory))
    if team is not None and team not in foundation.teams:
        raise BadInputError(f"there is no team {team}; there are: {', '.join(foundation.teams) or 'none'}")
    read = [reading for reading in every_reading(foundation) if team in (None, reading.team)]
    returned = [
        return_ for return_ in returns(foundation, foundation.datasets.values()) if team in (None, return_.team)
    ]
    pushed = [push for push in pushes(foundation, foundation.datasets.values()) if team in (None, push.team)]
    if as_json:
        click.echo(grants_as_json(read, pushed, returned))
    else:
        parts = (grants_as_text(read), pushes_as_text(pushed), returns_as_text(returned))
        click.echo("\n".join(part for part in parts if part))
    return ExitCode.OK
