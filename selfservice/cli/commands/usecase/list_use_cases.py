"""``plinth usecase list``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.reports import use_cases as report
from selfservice.runner.project import find_directory
from settings.files.validation_cache import load_cached


@click.command("list", cls=ProjectCommand)
@options.as_json
@click.pass_obj
def list_use_cases(directory: Path, /, *, as_json: bool) -> ExitCode:
    """List the use cases of the teams.

    A use case with a delivery has repositories, model package groups and images.
    """
    found = report.use_cases_of(load_cached(find_directory(directory)))
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return ExitCode.OK
