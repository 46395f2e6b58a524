"""``plinth usecase runs``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.reports import delivery
from selfservice.runner.project import open_project, require_engine


@click.command("runs", cls=ProjectCommand)
@click.argument("use_case", metavar="TEAM--NAME")
@options.as_json
@click.pass_obj
def runs(directory: Path, /, *, use_case: str, as_json: bool) -> ExitCode:
    """List the pipeline runs of a use case in development.

    The newest comes first, from the pipelines of all branches.
    """
    project = open_project(directory)
    place = delivery.place_of(project, use_case)
    require_engine(project.directory)
    found = delivery.runs(place)
    click.echo(delivery.as_json("runs", found) if as_json else delivery.as_text(found))
    return ExitCode.OK
