"""``plinth rollback``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import BadInputError, ExitCode
from selfservice.projects.project import open_project
from settings.types.kinds import RELEASED_TO, ReleasedTo


@click.command("rollback", cls=ExitCodeCommand)
@options.use_case
@click.option("--environment", required=True, type=click.Choice(RELEASED_TO), help="Environment to return.")
@click.option(
    "--to",
    "asked",
    metavar="VERSION|EXECUTION",
    help="State to return to. Default: the last robust state, or the one before it if the environment serves that.",
)
@options.confirmed
@click.pass_obj
def rollback(directory: Path, /, *, use_case: str, environment: str, asked: str | None, yes: bool) -> ExitCode:
    """Return an environment to an earlier promotion.

    CodePipeline deploys the earlier version and code again, without new approvals, and records who asked for it. Use
    the permission set MLOpsEngineer-tooling.
    """
    from selfservice.promotions.place import current_user, place_of_person
    from selfservice.promotions.rollback import plan_rollback, start_rollback

    project = open_project(directory)
    place = place_of_person(project, use_case)
    planned = plan_rollback(place, cast(ReleasedTo, environment), asked)
    served = planned.served
    verb = "serves" if planned.is_served else "last served without a failure"
    click.echo(
        f"{environment} {verb} version {served.version}, commit {served.commit[:7]}, since {served.deployed_at}."
    )
    click.echo(f"It returns to {planned.target}.")
    if not yes and sys.stdin.isatty() and not click.confirm("Continue?", err=True):
        raise BadInputError("not confirmed; nothing was changed")
    execution = start_rollback(place, planned)
    click.echo(f"Started the rollback as {current_user(place)}: {execution}.")
    click.echo(f"Next: plinth promotions {use_case} --watch")
    return ExitCode.OK
