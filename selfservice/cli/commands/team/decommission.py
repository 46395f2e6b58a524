"""``plinth team decommission``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.cli import answers, completion
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import BadInputError, ExitCode, RefusedError

if TYPE_CHECKING:
    from pydantic import ValidationError

    from selfservice.projects.project import Project


@click.command("decommission", cls=ExitCodeCommand)
@click.argument("name", shell_complete=completion.teams)
@click.option("--reason", metavar="TEXT", help="Why. It is recorded with your name.")
@click.option("--confirm", metavar="NAME", help="The name of the team, instead of typing it when asked.")
@click.option("--dry-run", is_flag=True, help="Only list what the decommission does, and everything that prevents it.")
@click.pass_obj
def decommission(directory: Path, /, *, name: str, reason: str | None, confirm: str | None, dry_run: bool) -> ExitCode:
    """Request that a team is decommissioned.

    Two other people of the platform team approve the preview. Then `plinth requests run` keeps evidence, destroys what
    the team has, and lists what is left in its accounts. Use credentials of the permission set ITPlatform-governance,
    and for --dry-run credentials that deploy stacks.
    """
    from pydantic import ValidationError

    from selfservice.cli.commands.team.submit import submit
    from selfservice.requests.kinds.decommission import DecommissionRequest

    if dry_run:
        return _list(directory, name)
    if reason is None:
        raise BadInputError("nothing was requested: say why with --reason")
    if confirm is None:
        if not answers.is_terminal():
            raise BadInputError(f"nothing was requested: to decommission {name}, pass --confirm {name}")
        confirm = click.prompt(f"Type {name} to request its decommission", err=True)
    try:
        wanted = DecommissionRequest(action="decommission", team=name, confirm=confirm, reason=reason)
    except ValidationError as error:
        raise BadInputError(f"nothing was requested: {_first(error)}") from None
    submit(directory, wanted)
    return ExitCode.OK


def _list(directory: Path, team: str) -> ExitCode:
    """Prints what a decommission does. Raises: BadInputError, RefusedError."""
    from selfservice.changes.removed_settings import files_without
    from selfservice.decommission.review_decommission import refuse_durable
    from selfservice.fingerprints.layout import Layout
    from selfservice.projects.project import open_project, require_engine
    from selfservice.projects.states import existing_stacks
    from selfservice.removal.leftovers import with_leftovers
    from selfservice.removal.refusals import refusals
    from selfservice.removal.removal_text import described
    from selfservice.removal.team_removal import plan_removal
    from settings.files.validation_cache import load_cached

    refuse_durable(team)
    project = with_leftovers(open_project(directory))
    require_engine(project.directory)
    removal = plan_removal(project, team, sorted(existing_stacks(project)))
    click.echo(described(removal))
    folder = Layout.of(project.directory).settings_directory
    for name, text in files_without(load_cached(project.directory), folder, team):
        if text is not None:
            click.echo(f"  no longer shared with it: {name}")
    for line in _open_requests(project, team):
        click.echo(f"  open request: {line}")
    if preventing := list(refusals(project, removal, ())):
        raise RefusedError("\n".join(preventing))
    click.echo("Nothing prevents the decommission. Nothing was changed.")
    return ExitCode.OK


def _open_requests(project: Project, team: str) -> list[str]:
    """Returns the open requests of a team, which a decommission leaves without a subject."""
    from selfservice.catalog.change_requests import ChangeRequests
    from selfservice.request_runner.deployed_tables import deployed_catalog
    from selfservice.requests.open_requests import open_requests

    catalog = deployed_catalog(project)
    return (
        [] if catalog is None else [open_request.line for open_request in open_requests(ChangeRequests(catalog), team)]
    )


def _first(error: ValidationError) -> str:
    detail = error.errors(include_url=False)[0]
    place = ".".join(map(str, detail["loc"]))
    context = detail.get("ctx", {})
    said = f"{context['rule']}; {context['fix']}" if "rule" in context else detail["msg"]
    return f"{place}: {said}" if place else str(said)
