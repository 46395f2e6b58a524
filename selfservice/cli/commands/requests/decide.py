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


_SHORTEST_DIGEST = 12


def _decide(directory: Path, id_: str, *, approves: bool, digest: str, reason: str) -> ExitCode:
    from selfservice.catalog.change_record import ChangeState
    from selfservice.changes.approval import judge
    from selfservice.changes.change_text import next_command
    from selfservice.cli.commands.requests.catalog_access import platform_engineer
    from selfservice.errors import BadInputError, RefusedError
    from settings.types.redaction import looks_secret

    if looks_secret(reason):
        raise BadInputError("the reason contains what looks like a credential; nothing was recorded")
    with platform_engineer(directory) as engineer:
        record = engineer.requests.record(id_)
        if record is None:
            raise BadInputError(f"{id_} has no preview yet; `plinth requests show {id_}` shows one when there is")
        if record.state not in (ChangeState.REVIEWING, ChangeState.REVIEWED):
            raise RefusedError(f"{id_} is {record.state}, so nobody can decide about it any more")
        if approves:
            if record.user == engineer.user:
                raise RefusedError(f"{engineer.user} requested it; another person has to approve it")
            if len(digest) < _SHORTEST_DIGEST or not record.digest.startswith(digest):
                raise RefusedError(
                    f"{digest} is not the digest of the preview: read `plinth requests show {id_}` and approve with "
                    f"the first {_SHORTEST_DIGEST} characters of its digest, or more"
                )
        now = engineer.requests.now()
        engineer.requests.decide(engineer.user, id_, approves=approves, digest=record.digest, reason=reason, now=now)
        judged = judge(record, engineer.requests.decisions(id_), now)
    click.echo(f"{'Approved' if approves else 'Rejected'} {id_} as {engineer.user}.")
    if approves:
        click.echo(f"Now: {judged.reason}.")
        click.echo(f"Next: {next_command(record, judged, now)}")
    return ExitCode.OK
