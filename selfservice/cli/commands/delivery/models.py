"""``plinth models``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project, require_engine
from selfservice.reports import delivery, model_versions


@click.command("models", cls=ProjectCommand)
@click.argument("use_case", metavar="[TEAM--NAME]", required=False, shell_complete=completion.use_cases)
@options.as_json
@click.pass_obj
def models(directory: Path, /, *, use_case: str | None, as_json: bool) -> ExitCode:
    """List model versions with their metrics.

    The newest comes first, from all model package groups of the use case. Without a use case, the newest version of
    each use case is listed.
    """
    project = open_project(directory)
    if use_case is None:
        require_engine(project.directory)
        found = model_versions.newest_models(project)
    else:
        place = delivery.place_of(project, use_case)
        require_engine(project.directory)
        found = model_versions.models(place)
    click.echo(delivery.as_json("models", found) if as_json else delivery.as_text(found))
    return ExitCode.OK
