"""``plinth assess``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.assessment.deployed import assess_project
from selfservice.assessment.text import as_json as document_of
from selfservice.assessment.text import as_text
from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode


@click.command("assess", cls=ProjectCommand)
@options.as_json
@click.pass_obj
def assess(directory: Path, /, *, as_json: bool) -> ExitCode:
    """Score what is deployed against the phases of the foundation.

    Compares the states of all stacks with the capabilities that each phase adds, and says what to do next. Nothing is
    asked of AWS.
    """
    found = assess_project(directory)
    click.echo(document_of(found) if as_json else as_text(found))
    return ExitCode.OK
