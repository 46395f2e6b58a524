"""``plinth promote``."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project
from settings.data.promotion_layout import REVIEW
from settings.types.kinds import RELEASED_TO, ReleasedTo


@click.command("promote", cls=ExitCodeCommand)
@options.use_case
@click.argument("version")
@click.option(
    "--to",
    "environment",
    type=click.Choice(RELEASED_TO),
    default="production",
    show_default=True,
    help="Last environment of the promotion.",
)
@click.pass_obj
def promote(directory: Path, /, *, use_case: str, version: str, environment: str) -> ExitCode:
    """Promote a model version of a use case.

    VERSION is the number or ARN of a version of main, or newest. It passes the same approvals and tests as every
    promotion. Use the permission set MLOpsEngineer-tooling: CodePipeline records who starts a promotion, and this
    person cannot approve it.
    """
    from selfservice.promotions.place import current_user, place_of_person
    from selfservice.promotions.start import start_promotion

    project = open_project(directory)
    place = place_of_person(project, use_case)
    user = current_user(place)
    started = start_promotion(place, version, cast(ReleasedTo, environment))
    click.echo(f"Started the promotion of version {started.version} to {environment} as {user}: {started.execution}.")
    for stage, approvers in place.approvers.items():
        if stage == REVIEW or environment == "production":
            others = " or ".join(approver for approver in approvers if approver != user)
            click.echo(f"In the stage {stage} it waits for an approval by {others or 'somebody else'}.")
    click.echo(f"Next: plinth promotions {use_case} --watch")
    return ExitCode.OK
