"""``plinth requests show``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode


@click.command("show", cls=ExitCodeCommand)
@click.argument("id_", metavar="ID")
@options.as_json
@click.pass_obj
def show(directory: Path, /, *, id_: str, as_json: bool) -> ExitCode:
    """Show a request for a team: its preview, decisions and result.

    Use credentials of the permission set ITPlatform-governance. The digest in the last lines is what an approval names.
    """
    from selfservice.changes.change_text import as_text
    from selfservice.cli.commands.requests.catalog_access import platform_engineer
    from selfservice.errors import BadInputError

    with platform_engineer(directory) as engineer:
        requests = engineer.requests
        record, decisions = requests.record(id_), requests.decisions(id_)
        if record is None:
            if any(one.id == id_ for one in requests.open_changes()):
                click.echo(f"{id_} is pending: no runner has previewed it yet (`plinth requests run`).")
                return ExitCode.OK
            raise BadInputError(f"there is no request {id_}: `plinth requests list --platform` lists them")
        review, events = requests.review(id_), requests.events(id_)
    if as_json:
        click.echo(json.dumps({**record.document(decisions), "review": review, "events": events}, indent=2))
    else:
        click.echo(as_text(record, review, decisions, events))
    return ExitCode.OK
