"""Prints what a runner does, in lines."""

from __future__ import annotations

import sys
from functools import partial

import click

from selfservice.cli.progress import progress_listener
from selfservice.request_runner.display import Display
from selfservice.request_runner.old_runs import KEPT_DAYS
from selfservice.requests.request_table import UseCaseClaim
from selfservice.requests.run_changes import Handled
from selfservice.requests.run_requests import FinishedRequest
from settings.types.redaction import readable, shown


class PrintedRun:
    """Prints what happens in the looks of a runner. Only what was refused goes to the standard error stream."""

    def handled(self, handled: Handled) -> None:
        note = "\n".join(map(readable, handled.note.splitlines()))
        click.echo(f"{shown(handled.id)}  {handled.state}  {note}")

    def removed(self, id_: str) -> None:
        click.echo(f"{id_}  removed the workflow and the folder of a request that ended {KEPT_DAYS} days ago")

    def started(self, claim: UseCaseClaim) -> None:
        verb = "Working" if claim.is_first else "Continuing to work"
        request = claim.request
        click.echo(f"{verb} on {shown(request.id)}, requested by {shown(request.user)} of {shown(request.team)}.")

    def finished(self, finished: FinishedRequest) -> None:
        result = finished.result
        parts = [shown(finished.request.id), result.state, result.commit or "", result.reason or ""]
        lost = [] if finished.recorded else ["(another runner had taken it over)"]
        click.echo("  ".join(part for part in (*parts, *lost) if part))

    def committed(self, stack: str, commit: str) -> None:
        click.echo(f"Committed the settings of {stack} as {commit[:7]}.")

    def refused(self, reason: str) -> None:
        click.echo(reason, err=True)


def printed_work() -> Display:
    """Returns the display of the work on one request, whose progress suits the standard output."""
    return Display(
        listening=partial(progress_listener, sys.stdout), announce=click.echo, warn=partial(click.echo, err=True)
    )
