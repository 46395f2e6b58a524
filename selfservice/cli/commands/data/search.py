"""``plinth data search``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import find_directory
from selfservice.reports import data_search
from settings.files.validation_cache import load_cached


@click.command("search", cls=ProjectCommand)
@click.argument("words", nargs=-1, required=True)
@options.as_json
@click.pass_obj
def search(directory: Path, /, *, words: tuple[str, ...], as_json: bool) -> ExitCode:
    """Find datasets and feature groups by keyword.

    A match contains all the words in its name, description, columns, sources or uses. Case is ignored.
    """
    matches = list(data_search.search(load_cached(find_directory(directory)), words))
    click.echo(data_search.matches_as_json(matches) if as_json else data_search.matches_as_text(matches, words))
    return ExitCode.OK
