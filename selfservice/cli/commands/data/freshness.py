"""``plinth data freshness``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import BadInputError, ExitCode
from selfservice.projects.project import open_project, require_engine
from selfservice.reports import freshness as report
from settings.files.validation_cache import load_cached


@click.command("freshness", cls=ProjectCommand)
@click.argument("datasets", nargs=-1, shell_complete=completion.datasets)
@options.as_json
@click.pass_obj
def freshness(directory: Path, /, *, datasets: tuple[str, ...], as_json: bool) -> ExitCode:
    """Show when datasets were last produced.

    Reads the newest job runs from AWS Glue in the data lake's account. Without an argument, it shows all datasets.
    """
    project = open_project(directory)
    known = load_cached(project.directory).datasets
    wanted = datasets or tuple(known)
    for name in wanted:
        if name not in known:
            raise BadInputError(f"there is no dataset {name}; there are: {', '.join(sorted(known)) or 'none'}")
    require_engine(project.directory)
    found = report.freshness_of(project, [known[name] for name in wanted])
    click.echo(report.as_json(found) if as_json else report.as_text(found))
    return ExitCode.OK
