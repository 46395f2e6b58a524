"""``plinth usecase list``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import find_directory, open_project, require_engine
from selfservice.reports import use_cases as report
from settings.files.validation_cache import load_cached


@click.command("list", cls=ProjectCommand)
@click.option(
    "--search",
    "words",
    multiple=True,
    metavar="WORD",
    help="Only use cases whose team, name, goal or people contain this word. Can be repeated: each must occur.",
)
@click.option("--stages", is_flag=True, help="Read how far each is: what is trained, what is served, and what waits.")
@options.as_json
@click.pass_obj
def list_use_cases(directory: Path, /, *, words: tuple[str, ...], stages: bool, as_json: bool) -> ExitCode:
    """List the use cases of the teams.

    Each has a goal, an owner and people who approve. A use case with a delivery has repositories, model package groups
    and images. Only --stages needs credentials.
    """
    found = [
        use_case for use_case in report.use_cases_of(load_cached(find_directory(directory))) if use_case.contains(words)
    ]
    if stages:
        from selfservice.promotions.stage import with_stage

        project = open_project(directory)
        require_engine(project.directory)
        found = [with_stage(project, use_case) for use_case in found]
    if as_json:
        click.echo(report.as_json(found))
    elif words and not found:
        click.echo(f"No use case has {' and '.join(words)} in its team, name, goal or people.")
    else:
        click.echo(report.as_text(found))
    return ExitCode.OK
