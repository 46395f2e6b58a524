"""``plinth requests list``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode


@click.command("list", cls=ExitCodeCommand)
@click.option(
    "--team",
    metavar="TEAM",
    shell_complete=completion.teams,
    help="List the requests of this team with the credentials of its lead data scientist.",
)
@options.as_json
@click.pass_obj
def list_requests(directory: Path, /, *, team: str | None, as_json: bool) -> ExitCode:
    """List requests for use cases with state, result and reason.

    Each line also has the person who requested the use case, which IAM proves, and the time.
    Without --team, use credentials that deploy stacks. The list then contains the requests of all teams.
    """
    from selfservice.cli.delivery.requested import request_table
    from selfservice.requests.requester import current_requester, explained
    from selfservice.requests.table_text import as_text
    from selfservice.runner.project import home_region, open_project, require_engine
    from settings.files.validation_cache import load_cached

    if team is not None:
        requester = current_requester(home_region(directory))
        with explained():
            rows = requester.table.requests_of(team, requester.user)
    else:
        project = open_project(directory)
        require_engine(project.directory)
        rows = request_table(project).all_requests(sorted(load_cached(project.directory).teams))
    document = {"requests": [row.document() for row in rows]}
    click.echo(json.dumps(document, indent=2) if as_json else as_text(rows))
    return ExitCode.OK
