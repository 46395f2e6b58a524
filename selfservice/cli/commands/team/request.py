"""``plinth team request``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation


@click.command("request", cls=ExitCodeCommand)
@click.option(
    "-f",
    "--file",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="YAML file with the request.",
)
@click.pass_obj
def request(directory: Path, /, *, file: Path) -> ExitCode:
    """Request a team, a use case, or the end of one.

    Use credentials of the permission set ITPlatform-governance. A runner previews the request; another person of the
    platform team approves the preview, and two do so for a decommission. Where there are settings files, the request is
    checked against them at once.
    """
    from selfservice.cli.commands.requests.directory_access import look_up_people
    from selfservice.cli.commands.team.submit import submit
    from selfservice.requests.reading.team_requests import read_request

    settings = _settings(directory)
    has_directory = settings is None or settings.organization.sign_in == "identity-center"
    look_up = partial(look_up_people, directory) if has_directory else None
    submit(directory, read_request(file, settings, look_up))
    return ExitCode.OK


def _settings(directory: Path) -> Foundation | None:
    """Returns the settings around the directory; None if there are none."""
    from selfservice.errors import BadInputError
    from selfservice.projects.project import find_directory
    from settings.files.validation_cache import load_cached

    try:
        project = find_directory(directory)
    except BadInputError:
        return None
    return load_cached(project)
