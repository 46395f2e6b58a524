"""``plinth status``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project, require_engine
from selfservice.reports import status as report


@click.command("status", cls=ProjectCommand)
@options.as_json
@click.pass_obj
def status(directory: Path, /, *, as_json: bool) -> ExitCode:
    """Show what is deployed, and what needs attention.

    Reads the states and the records of earlier commands on this machine. Nothing is asked of AWS.
    """
    project = open_project(directory)
    require_engine(project.directory)
    stacks = report.statuses(project)
    click.echo(report.as_json(stacks) if as_json else report.as_text(stacks, datetime.now(UTC)))
    return ExitCode.OK
