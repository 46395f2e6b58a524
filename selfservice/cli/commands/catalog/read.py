"""``plinth catalog list``, ``plinth catalog show`` and ``plinth catalog evidence``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode


@click.command("list", cls=ExitCodeCommand)
@click.option("--account", metavar="ID", help="Only teams that use this account.")
@click.option("--owner", metavar="ADDRESS", help="Only teams of this owner.")
@options.as_json
@click.pass_obj
def list_teams(directory: Path, /, *, account: str | None, owner: str | None, as_json: bool) -> ExitCode:
    """List the teams of the team catalog.

    Use credentials of the permission set ITPlatform-governance.
    """
    from selfservice.catalog.team_records import TeamRecords
    from selfservice.people.platform_engineer import platform_engineer

    with platform_engineer(directory) as engineer:
        teams = TeamRecords(engineer.requests.items)
        names = every = teams.all()
        if account is not None:
            names = [name for name in teams.of_account(account) if name in names]
        if owner is not None:
            names = [name for name in teams.of_owner(owner) if name in names]
    click.echo(json.dumps({"teams": names}) if as_json else "\n".join(names) or "There are none.")
    settings = completion.valid_settings(directory)
    if missing := sorted({*settings.teams} - {*every}) if settings is not None else []:
        click.echo(
            f"The settings also have {', '.join(missing)}. `plinth catalog rebuild` writes those of them that are "
            "deployed into the catalog.",
            err=True,
        )
    return ExitCode.OK


@click.command("show", cls=ExitCodeCommand)
@click.argument("team", shell_complete=completion.teams)
@options.as_json
@click.pass_obj
def show(directory: Path, /, *, team: str, as_json: bool) -> ExitCode:
    """Show a team of the team catalog.

    Its accounts, owner, cost centre, users, data grants, use cases, version and status. Use credentials of the
    permission set ITPlatform-governance.
    """
    from selfservice.catalog.team_records import TeamRecords
    from selfservice.errors import BadInputError
    from selfservice.people.platform_engineer import platform_engineer
    from selfservice.projects.outputs import as_text

    with platform_engineer(directory) as engineer:
        record = TeamRecords(engineer.requests.items).read(team)
    if record is None:
        raise BadInputError(f"the team catalog has no team {team}: `plinth catalog list` lists them")
    click.echo(json.dumps(record.document(), indent=2) if as_json else as_text(record.document()))
    return ExitCode.OK


@click.command("evidence", cls=ExitCodeCommand)
@click.argument("team")
@options.as_json
@click.pass_obj
def evidence(directory: Path, /, *, team: str, as_json: bool) -> ExitCode:
    """Show what was kept of former teams and use cases.

    Settings files, model versions, promotions with their approvals, jobs, log groups, and what was left in the
    accounts. Use credentials of the permission set ITPlatform-governance.
    """
    from selfservice.catalog.evidence import EvidenceRecords
    from selfservice.people.platform_engineer import platform_engineer
    from settings.types.redaction import readable

    with platform_engineer(directory) as engineer:
        found = EvidenceRecords(engineer.requests.items).read(team)
    if as_json:
        click.echo(json.dumps({"team": team, "evidence": [fact.document() for fact in found]}, indent=2))
        return ExitCode.OK
    for fact in found:
        details = ", ".join(f"{name} {value}" for name, value in fact.details.items() if name != "request")
        click.echo(readable(f"{fact.kind}  {fact.name}  {details}"))
    if not found:
        click.echo(f"There is none: nobody has decommissioned {team}, or retired a use case of it.")
    return ExitCode.OK
