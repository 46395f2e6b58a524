"""``plinth affected``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.fingerprints import affected as report
from selfservice.projects.project import open_project


@click.command("affected", cls=ProjectCommand)
@click.option(
    "--since", metavar="REVISION", default="HEAD", show_default=True, help="The git revision to compare the files with."
)
@options.as_json
@click.pass_obj
def affected(directory: Path, /, *, since: str, as_json: bool) -> ExitCode:
    """List the stacks affected by changes since a git revision.

    Prints the reason for each stack. The command needs neither an engine nor a state.
    """
    stacks = report.affected(open_project(directory), since)
    click.echo(report.as_json(stacks, since) if as_json else report.as_text(stacks))
    return ExitCode.OK
