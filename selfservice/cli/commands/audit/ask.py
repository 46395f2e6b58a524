"""``plinth audit ask``."""

from __future__ import annotations

import time
from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode

_LOOK_SECONDS = 1


@click.command("ask", cls=ProjectCommand)
@click.argument("name", metavar="QUESTION")
@click.option("--account", metavar="ID", help="Ask about the calls in this account.")
@click.option("--since", "day", metavar="DAY", help="Ask about the time since this day, such as 2026-01-31.")
@click.option("--use-case", metavar="NAME", help="Ask about this use case.")
@click.option("--version", metavar="ARN", help="Ask about this model version.")
@options.as_json
@click.pass_obj
def ask(directory: Path, /, *, name: str, as_json: bool, **values: str | None) -> ExitCode:
    """Ask a question about the organization's trail.

    `plinth audit questions` lists the questions with the options that each needs. Athena reads the logs of the account,
    and costs 5 USD for each terabyte. Waits for the answer. Exits with 1 if the query failed.
    """
    from selfservice.cli.commands.audit.account import account_of_trail
    from selfservice.reports.audit import answers, printing
    from selfservice.reports.audit.questions import question_named, questions_of

    account = account_of_trail(directory)
    questions = questions_of(account)
    given = {field: value for field, value in values.items() if value is not None}
    id_ = answers.ask(account, question_named(questions, name), given)
    while (found := answers.read_answer(account, questions, id_)).state == "running":
        time.sleep(_LOOK_SECONDS)
    click.echo(printing.answer_as_json(found) if as_json else printing.answer_as_text(found))
    if not as_json:
        click.echo(f"`plinth audit answer {id_}` shows this answer again.")
    return ExitCode.FAILED if found.state == "failed" else ExitCode.OK
