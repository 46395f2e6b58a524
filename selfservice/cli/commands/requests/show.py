"""``plinth requests show``."""

from __future__ import annotations

import json
from collections.abc import Sequence
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
    from selfservice.catalog.whole_request import WholeRequest


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
    from selfservice.catalog.whole_request import read_whole
    from selfservice.errors import BadInputError
    from selfservice.people.platform_engineer import platform_engineer
    from selfservice.requests.change_text import as_text

    with platform_engineer(directory) as engineer:
        requests = engineer.requests
        whole = read_whole(requests.items, id_)
        if whole is None:
            if any(open_change.id == id_ for open_change in requests.open_changes()):
                click.echo(f"{id_} is pending: no runner has previewed it yet (`plinth requests run`).")
                return ExitCode.OK
            raise BadInputError(f"there is no request {id_}: `plinth requests list --platform` lists them")
        if watch:
            whole = _followed(requests, id_)
        decisions = requests.decisions(id_)
    if as_json:
        found = {"review": whole.review, "events": whole.events, "steps": [step.document() for step in whole.steps]}
        click.echo(json.dumps({**whole.record.document(decisions), **found}, indent=2))
    else:
        click.echo(as_text(whole.record, whole.review, decisions, whole.events, whole.steps, now=requests.now()))
    return ExitCode.OK


def _followed(requests: ChangeRequests, id_: str) -> WholeRequest:
    """Follows a request to its end, on standard error: standard output gets the request alone."""
    import sys

    from selfservice.catalog.whole_request import read_whole
    from selfservice.cli.commands.requests.followed_steps import follow

    def read() -> WholeRequest:
        whole = read_whole(requests.items, id_)
        assert whole is not None  # records are never deleted
        return whole

    def look() -> tuple[ChangeRecord, Sequence[StepRecord]]:
        whole = read()
        return whole.record, whole.steps

    follow(look, sys.stderr)
    return read()
