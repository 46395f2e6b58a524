"""``plinth models``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.reports import delivery
from selfservice.runner.project import open_project, require_engine


@click.command("models", cls=ProjectCommand)
@options.use_case
@options.as_json
@click.pass_obj
def models(directory: Path, /, *, use_case: str, as_json: bool) -> ExitCode:
    """List the model versions of a use case.

    The newest comes first, from all model package groups of the use case.
    """
    project = open_project(directory)
    place = delivery.place_of(project, use_case)
    require_engine(project.directory)
    found = delivery.models(place)
    click.echo(delivery.as_json("models", found) if as_json else delivery.as_text(found))
    return ExitCode.OK
