"""``plinth audit answer``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode


@click.command("answer", cls=ProjectCommand)
@click.argument("id_", metavar="ID")
@options.as_json
@click.pass_obj
def answer(directory: Path, /, *, id_: str, as_json: bool) -> ExitCode:
    """Print the answer to a question that was asked before.

    Athena keeps answers for 45 days. Exits with 1 if the query failed.
    """
    from selfservice.cli.commands.audit.account import account_of_trail
    from selfservice.reports.audit import printing
    from selfservice.reports.audit.answers import read_answer
    from selfservice.reports.audit.questions import questions_of

    account = account_of_trail(directory)
    found = read_answer(account, questions_of(account), id_)
    click.echo(printing.answer_as_json(found) if as_json else printing.answer_as_text(found))
    return ExitCode.FAILED if found.state == "failed" else ExitCode.OK
