"""``plinth requests approve`` and ``plinth requests reject``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode


@click.command("approve", cls=ExitCodeCommand)
@click.argument("id_", metavar="ID")
@click.option("--digest", required=True, metavar="TEXT", help="Digest of the preview that you have read, or its start.")
@click.option("--reason", required=True, metavar="TEXT", help="Why. It is recorded with your name.")
@click.pass_obj
def approve(directory: Path, /, *, id_: str, digest: str, reason: str) -> ExitCode:
    """Approve a request for a team, as another person than its requester.

    The approval is of one preview. It is void if settings, program or policies change before the deployment.
    """
    return _decide(directory, id_, approves=True, digest=digest, reason=reason)


@click.command("reject", cls=ExitCodeCommand)
@click.argument("id_", metavar="ID")
@click.option("--reason", required=True, metavar="TEXT", help="Why. It is recorded with your name.")
@click.pass_obj
def reject(directory: Path, /, *, id_: str, reason: str) -> ExitCode:
    """Reject a request for a team.

    Nothing is changed then.
    """
    return _decide(directory, id_, approves=False, digest="", reason=reason)


def _decide(directory: Path, id_: str, *, approves: bool, digest: str, reason: str) -> ExitCode:
    from selfservice.people.decision import decide
    from selfservice.people.platform_engineer import platform_engineer
    from selfservice.requests.change_text import next_command

    with platform_engineer(directory) as engineer:
        decided = decide(engineer, id_, approves=approves, digest=digest, reason=reason)
    click.echo(f"{'Approved' if approves else 'Rejected'} {id_} as {engineer.user}.")
    if approves:
        click.echo(f"Now: {decided.judgement.reason}.")
        click.echo(f"Next: {next_command(decided.record, decided.judgement, decided.now)}")
    return ExitCode.OK
