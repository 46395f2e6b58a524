"""``plinth team request``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode


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
    """Request a new team, or a change of one.

    Use credentials of the permission set ITPlatform-governance. A runner previews the request; another person of the
    platform team approves the preview. Where there are settings files, the request is checked against them at once.
    """
    from datetime import UTC, datetime

    from selfservice.changes.settings_change import settings_change
    from selfservice.changes.team_request import read_request
    from selfservice.cli.commands.requests.catalog_access import platform_engineer
    from selfservice.errors import BadInputError
    from selfservice.requests.request_table import new_id
    from selfservice.runner.project import find_directory

    wanted = read_request(file)
    try:
        project: Path | None = find_directory(directory)
    except BadInputError:
        project = None
    if project is not None and not settings_change(project, wanted).files:
        click.echo(f"The settings of {wanted.team} are as requested; the runner deploys what is not deployed.")
    now = datetime.now(UTC)
    id_ = new_id(now)
    with platform_engineer(directory) as engineer:
        engineer.requests.add(engineer.user, wanted.text, id_=id_, now=now)
    verb = "Requested the team" if wanted.action == "create" else "Requested a change of the team"
    click.echo(f"{verb} {wanted.team} as {engineer.user}, request {id_}.")
    click.echo(f"Next: plinth requests show {id_}")
    return ExitCode.OK
