"""``plinth usecase retire``."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from selfservice.cli import answers, options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import BadInputError, ExitCode
from selfservice.projects.project import open_project, require_engine
from settings.types.kinds import RELEASED_TO, ReleasedTo


@click.command("retire", cls=ExitCodeCommand)
@options.use_case
@click.option(
    "--environment",
    "environments",
    type=click.Choice(RELEASED_TO),
    multiple=True,
    help="Environment in which it ends. Can be repeated. Default: production, then pre-production.",
)
@click.option("--reason", default="", help="Why it ends. The reason is recorded.")
@click.option("--dry-run", is_flag=True, help="Say what would end, and change nothing.")
@click.option("--confirm", metavar="TEAM--NAME", help="The name of the use case, instead of typing it when asked.")
@click.pass_obj
def retire(
    directory: Path, /, *, use_case: str, environments: tuple[str, ...], reason: str, dry_run: bool, confirm: str | None
) -> ExitCode:
    """Delete what a use case serves in its environments.

    Endpoints, APIs, functions, rules and batch pipelines are deleted by the roles that deploy them. The registry no
    longer marks the versions as served. Versions, records of promotions and logs stay, and the next promotion deploys
    again. It also ends what a use case serves whose settings are gone. Run it again if it was interrupted.
    """
    from selfservice.promotions.place import place_to_retire, user_of_shell
    from selfservice.promotions.retirement import RetirementError, plan_retirement
    from selfservice.promotions.retirement import retire as end

    project = open_project(directory)
    require_engine(project.directory)
    place = place_to_retire(project, use_case)
    planned = plan_retirement(place, cast(tuple[ReleasedTo, ...], environments or RELEASED_TO))
    click.echo(str(planned))
    if dry_run:
        click.echo("Nothing was changed.")
        return ExitCode.OK
    _ask(use_case, confirm)
    user = user_of_shell(place)
    for served in planned.served:
        environment = cast(ReleasedTo, served.environment)
        click.echo(f"{environment}: deleting what {use_case} serves")
        try:
            end(place, environment, by=user, reason=reason)
        except RetirementError as error:
            click.echo(f"{environment}: {error}\nRun the command again.", err=True)
            return ExitCode.FAILED
        click.echo(f"{environment}: nothing is served any more")
    return ExitCode.OK


def _ask(use_case: str, confirm: str | None) -> None:
    """Raises BadInputError unless the user gives the name of the use case."""
    if confirm is None:
        if not answers.is_terminal():
            raise BadInputError(f"nothing was changed: to retire {use_case}, pass --confirm {use_case}")
        confirm = click.prompt(f"Type {use_case} to retire it", err=True)
    if confirm != use_case:
        raise BadInputError(f"nothing was changed: {confirm} is not {use_case}")
