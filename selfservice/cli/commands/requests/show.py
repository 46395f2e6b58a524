"""``plinth requests show``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode

if TYPE_CHECKING:
    from selfservice.catalog.change_record import ChangeRecord
    from selfservice.catalog.change_requests import ChangeRequests
    from selfservice.catalog.request_steps import StepRecord


@click.command("show", cls=ExitCodeCommand)
@click.argument("id_", metavar="ID")
@click.option("--watch", is_flag=True, help="Follow the request until it has ended or failed, then show it.")
@options.as_json
@click.pass_obj
def show(directory: Path, /, *, id_: str, watch: bool, as_json: bool) -> ExitCode:
    """Show a request for a team: its preview, decisions, steps and result.

    Use credentials of the permission set ITPlatform-governance. The digest in the last lines is what an approval names.
    With --watch, the command shows which steps of the run wait, run and have ended, on whatever machine it runs.
    """
    from selfservice.catalog.request_steps import RequestSteps
    from selfservice.changes.change_text import as_text
    from selfservice.cli.commands.requests.catalog_access import current_engineer
    from selfservice.errors import BadInputError

    with current_engineer(directory) as engineer:
        requests = engineer.requests
        record, decisions = requests.record(id_), requests.decisions(id_)
        if record is None:
            if any(one.id == id_ for one in requests.open_changes()):
                click.echo(f"{id_} is pending: no runner has previewed it yet (`plinth requests run`).")
                return ExitCode.OK
            raise BadInputError(f"there is no request {id_}: `plinth requests list --platform` lists them")
        if watch:
            record = _followed(requests, id_)
            decisions = requests.decisions(id_)
        review, events = requests.review(id_), requests.events(id_)
        steps = RequestSteps(items=requests.items, request=id_).read()
    if as_json:
        found = {"review": review, "events": events, "steps": [one.document() for one in steps]}
        click.echo(json.dumps({**record.document(decisions), **found}, indent=2))
    else:
        click.echo(as_text(record, review, decisions, events, steps, now=requests.now()))
    return ExitCode.OK


def _followed(requests: ChangeRequests, id_: str) -> ChangeRecord:
    """Follows a request to its end, on standard error: standard output gets the request alone."""
    import sys

    from selfservice.catalog.request_steps import RequestSteps
    from selfservice.cli.commands.requests.followed_steps import follow

    def look() -> tuple[ChangeRecord, list[StepRecord]]:
        record = requests.record(id_)
        assert record is not None  # records are never deleted
        return record, RequestSteps(items=requests.items, request=id_).read()

    return follow(look, sys.stderr)
