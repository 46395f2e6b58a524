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
@click.option("--platform", is_flag=True, help="List the requests for teams with the credentials of the platform team.")
@options.as_json
@click.pass_obj
def list_requests(directory: Path, /, *, team: str | None, platform: bool, as_json: bool) -> ExitCode:
    """List requests with state, result and reason.

    Each line also has the person who requested it, which IAM proves. With --team, these are requests for use cases of
    the team. With --platform, they are requests for teams. Without either, use credentials that deploy stacks; the list
    then contains the requests for use cases of all teams.
    """
    from selfservice.errors import BadInputError

    if team is not None and platform:
        raise BadInputError("--team and --platform need credentials of different accounts: pass one of them")
    if platform:
        return _list_changes(directory, as_json=as_json)
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


def _list_changes(directory: Path, *, as_json: bool) -> ExitCode:
    from selfservice.catalog.credentials import recordable
    from selfservice.changes.change_text import as_lines
    from selfservice.cli.commands.requests.catalog_access import platform_engineer

    with platform_engineer(directory) as engineer:
        records, pending = engineer.requests.records(), engineer.requests.open_changes()
        decided = {record.id: engineer.requests.decisions(record.id) for record in records} if as_json else {}
    if as_json:
        known = {record.id for record in records}
        waiting = [
            {"id": one.id, "user": one.user, "state": "pending", "request": recordable(one.text)}
            for one in pending
            if one.id not in known
        ]
        rows = [*(record.document(decided[record.id]) for record in records), *waiting]
        click.echo(json.dumps({"requests": rows}, indent=2))
    else:
        click.echo("\n".join(as_lines(records, pending)) or "There are none.")
    return ExitCode.OK
