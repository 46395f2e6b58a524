"""``plinth requests run``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode

if TYPE_CHECKING:
    from selfservice.requests.record import OpenRequest
    from selfservice.requests.request_table import Claim
    from selfservice.requests.run_requests import FinishedRequest
    from selfservice.requests.settings_commit import SettingsRepository


@click.command("run", cls=ProjectCommand)
@click.option("--watch", is_flag=True, help="Continue to look for requests until the command is interrupted.")
@click.option(
    "--every",
    "seconds",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="Time between two looks, with --watch.",
)
@click.option("--commit", is_flag=True, help="Commit the settings files that each request changes, with git.")
@options.confirmed
@click.pass_obj
def run(directory: Path, /, *, watch: bool, seconds: int, commit: bool, yes: bool) -> ExitCode:
    """Create the use cases that lead data scientists have requested.

    Use credentials that deploy stacks. Several runners can work at the same time: each request is created once. A
    request that an interrupted runner has left is continued, at once on the same machine, otherwise after ten minutes.
    The command changes settings files; commit them, or let --commit do it. It exits with 1 if a creation failed. A
    refused request is no failure.
    """
    from functools import partial

    from selfservice.cli.delivery.requested import create_requested, request_table
    from selfservice.requests.run_requests import run_open_requests
    from selfservice.requests.runner_process import RunnerProcess
    from selfservice.requests.settings_commit import SettingsRepository
    from selfservice.runner.project import open_project, require_engine
    from selfservice.use_cases.git import require_git
    from selfservice.use_cases.permission import refuse_denied

    project = open_project(directory)
    require_engine(project.directory)
    require_git()
    settings = SettingsRepository.of(project.directory) if commit else None
    refuse_denied(project)
    table = request_table(project)
    _confirm(table.open_requests(), confirmed=yes or watch)
    create = partial(create_requested, project.directory)
    status = ExitCode.OK
    while True:
        for finished in run_open_requests(table, RunnerProcess.current(), create, started=_print_start):
            click.echo(_line(finished))
            _commit(settings, finished)
            status = ExitCode.FAILED if finished.result.state == "failed" else status
        if not watch:
            return status
        time.sleep(seconds)


def _confirm(found: list[OpenRequest], *, confirmed: bool) -> None:
    """Asks on a terminal. Raises: BadInputError if the user does not confirm."""
    from selfservice.errors import BadInputError
    from settings.types.redaction import shown

    if not found:
        click.echo("There are no open requests.")
    elif not confirmed and sys.stdin.isatty():
        for request in found:
            click.echo(f"{shown(request.id)}: {shown(request.user)} of {shown(request.team)}", err=True)
        if not click.confirm(f"Create {len(found)} use cases?", err=True):
            raise BadInputError("not confirmed; nothing was changed")


def _commit(settings: SettingsRepository | None, finished: FinishedRequest) -> None:
    """Commits what a creation has changed in the settings, also if it failed later."""
    from selfservice.requests.use_case_request import parsed_request
    from settings.types.redaction import shown

    if settings is None or finished.result.state == "refused":
        return
    request = finished.request
    name = parsed_request(request.text).name
    made = settings.commit(request.team, name, f"Requested by {shown(request.user)} as {shown(request.id)}.")
    if made is not None:
        click.echo(f"Committed the settings of {request.team}--{name} as {made[:7]}.")


def _print_start(claim: Claim) -> None:
    from settings.types.redaction import shown

    verb = "Working" if claim.is_first else "Continuing to work"
    request = claim.request
    click.echo(f"{verb} on {shown(request.id)}, requested by {shown(request.user)} of {shown(request.team)}.")


def _line(finished: FinishedRequest) -> str:
    from settings.types.redaction import shown

    result = finished.result
    parts = [shown(finished.request.id), result.state, result.commit or "", result.reason or ""]
    lost = [] if finished.recorded else ["(another runner had taken it over)"]
    return "  ".join(part for part in (*parts, *lost) if part)
