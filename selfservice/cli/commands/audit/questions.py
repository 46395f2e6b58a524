"""``plinth audit questions``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode


@click.command("questions", cls=ProjectCommand)
@options.as_json
@click.pass_obj
def questions(directory: Path, /, *, as_json: bool) -> ExitCode:
    """List the questions about the organization's trail.

    They are the saved queries of the Athena workgroup, each with the command that asks it.
    """
    from selfservice.cli.commands.audit.account import account_of_trail
    from selfservice.reports.audit import printing
    from selfservice.reports.audit.questions import questions_of

    found = questions_of(account_of_trail(directory))
    click.echo(printing.questions_as_json(found) if as_json else printing.questions_as_text(found))
    return ExitCode.OK
