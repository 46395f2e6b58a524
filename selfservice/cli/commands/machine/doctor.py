"""``plinth doctor``."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.doctor import Row, rows_as_json, rows_as_text
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode

CHECKS = "plinth.checks"
"""Entry point group in which other distributions register a check: a function that returns rows."""


@click.command("doctor", cls=ExitCodeCommand)
@click.option(
    "--quotas", is_flag=True, help="Compare what the settings need with the quotas of the AWS accounts instead."
)
@options.as_json
@click.pass_obj
def doctor(directory: Path, /, *, quotas: bool, as_json: bool) -> ExitCode:
    """Check the set-up of this machine.

    Prints each part that is installed, and how to install what is missing. With --quotas it prints, for each account
    and quota, how much the stacks of the settings need, how much others use and how much AWS allows. It shows how to
    raise each quota that is too small.
    """
    if quotas:
        return _compare_quotas(directory, as_json=as_json)
    rows = [Row.of(row) for check in entry_points(group=CHECKS) for row in check.load()()]
    click.echo(rows_as_json(rows) if as_json else rows_as_text(rows))
    return ExitCode.OK if all(row.ok for row in rows) else ExitCode.FAILED


def _compare_quotas(directory: Path, *, as_json: bool) -> ExitCode:
    from selfservice.projects.project import open_project, require_engine
    from selfservice.quotas import text  # the set-up of a machine is checked without settings
    from selfservice.quotas.comparison import Verdict, compare

    project = open_project(directory)
    require_engine(project.directory)
    rows = compare(project, list(project.graph), everything=True)
    click.echo(text.as_json(rows) if as_json else text.as_table(rows))
    too_small = any(row.verdict is Verdict.TOO_SMALL for row in rows)
    return ExitCode.FAILED if too_small else ExitCode.OK
