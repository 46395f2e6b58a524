"""``plinth data list``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import find_directory
from selfservice.reports import data
from settings.files.validation_cache import load_cached


@click.command("list", cls=ProjectCommand)
@options.as_json
@click.pass_obj
def list_datasets(directory: Path, /, *, as_json: bool) -> ExitCode:
    """List the datasets and feature groups."""
    foundation = load_cached(find_directory(directory))
    datasets, groups = list(foundation.datasets.values()), list(foundation.feature_groups.values())
    click.echo(data.as_json(foundation, datasets, groups) if as_json else data.list_as_text(foundation))
    return ExitCode.OK
