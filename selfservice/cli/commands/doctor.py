"""``plinth doctor``."""

from __future__ import annotations

from importlib.metadata import entry_points

import click

from selfservice.cli import options
from selfservice.cli.doctor import Row, rows_as_json, rows_as_text
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode

CHECKS = "plinth.checks"
"""Entry point group in which other distributions register a check: a function that returns rows."""


@click.command("doctor", cls=ExitCodeCommand)
@options.as_json
def doctor(*, as_json: bool) -> ExitCode:
    """Check the set-up of this machine.

    Prints each part that is installed, and how to install what is missing.
    """
    rows = [Row.of(row) for check in entry_points(group=CHECKS) for row in check.load()()]
    click.echo(rows_as_json(rows) if as_json else rows_as_text(rows))
    return ExitCode.OK if all(row.ok for row in rows) else ExitCode.FAILED
