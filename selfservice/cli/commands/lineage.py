"""``plinth lineage``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project, require_engine
from selfservice.reports.lineage import graph, printing
from settings.files.validation_cache import load_cached


@click.command("lineage", cls=ProjectCommand)
@click.argument("name", shell_complete=completion.datasets)
@options.as_json
@click.pass_obj
def lineage(directory: Path, /, *, name: str, as_json: bool) -> ExitCode:
    """Show where a model comes from, and what a dataset is used for.

    NAME is a dataset, a model version (GROUP/NUMBER or its ARN), or an endpoint. For a version and an endpoint, it
    prints build, commit, data, image, parameters and metrics; for a dataset, the versions and endpoints that depend on
    it.
    """
    project = open_project(directory)
    require_engine(project.directory)
    found = graph.lineage_of_name(project, load_cached(project.directory), name)
    click.echo(printing.as_json(found) if as_json else printing.as_text(found))
    return ExitCode.OK
