"""``plinth runs``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.delivery.watch import watch as following
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project, require_engine
from selfservice.reports import delivery


@click.command("runs", cls=ProjectCommand)
@options.use_case
@click.option(
    "--watch",
    is_flag=True,
    help="Print each change of builds and runs until none is under way. Exits with 1 if one of them failed.",
)
@options.as_json
@click.pass_obj
def runs(directory: Path, /, *, use_case: str, watch: bool, as_json: bool) -> ExitCode:
    """List the pipeline runs of a use case.

    The newest comes first, from the pipelines of all branches in development. The reason of a failed run is that of its
    failed steps.
    """
    project = open_project(directory)
    place = delivery.place_of(project, use_case)
    require_engine(project.directory)
    status = following(place, err=as_json) if watch else ExitCode.OK
    if as_json or not watch:
        found = delivery.runs(place)
        click.echo(delivery.as_json("runs", found) if as_json else delivery.as_text(found))
    return status
