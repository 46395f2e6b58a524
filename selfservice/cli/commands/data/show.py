"""``plinth data show``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import find_directory
from selfservice.reports import data
from settings.data.feature_group import FeatureGroup
from settings.files.validation_cache import load_cached


@click.command("show", cls=ProjectCommand)
@click.argument("dataset", shell_complete=completion.datasets)
@options.as_json
@click.pass_obj
def show(directory: Path, /, *, dataset: str, as_json: bool) -> ExitCode:
    """Show one dataset or feature group.

    Prints its columns and, for each environment that can read it, the LF-tags and the grant that give access.
    """
    foundation = load_cached(find_directory(directory))
    found = data.find(foundation, dataset)
    if isinstance(found, FeatureGroup):
        click.echo(data.as_json(foundation, [], [found]) if as_json else data.group_as_text(foundation, found))
    else:
        click.echo(data.as_json(foundation, [found]) if as_json else data.dataset_as_text(foundation, found))
    return ExitCode.OK
