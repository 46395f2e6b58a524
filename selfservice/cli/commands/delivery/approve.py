"""``plinth approve``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project


@click.command("approve", cls=ExitCodeCommand)
@options.use_case
@click.option("--comment", required=True, metavar="TEXT", help="Why. It is recorded with your name.")
@click.option("--version", metavar="NUMBER", help="Decide about this version in the registry instead, or newest.")
@click.option("--reject", is_flag=True, help="Reject instead.")
@click.option("--wait", is_flag=True, help="Wait until a promotion asks for an approval.")
@click.pass_obj
def approve(
    directory: Path, /, *, use_case: str, comment: str, version: str | None, reject: bool, wait: bool
) -> ExitCode:
    """Approve a promotion or a model version.

    The approval of a version starts its promotion, which then waits for approvals before each environment. `plinth
    promotions TEAM--NAME` shows what is promoted, and for whom it waits. Use the permission set LeadScientist-tooling,
    or in the stage Business ProductOwner-tooling or BusinessAnalyst-tooling: an approval counts only if you are one of
    the approvers of the stage, and neither wrote the code nor asked for the promotion.
    """
    from selfservice.promotions.decide import decide_promotion, decide_version
    from selfservice.promotions.place import current_user, place_of_person

    place = place_of_person(open_project(directory), use_case)
    verb = "Rejected" if reject else "Approved"
    if version is not None:
        number = decide_version(place, version, approved=not reject, comment=comment)
        click.echo(f"{verb} version {number} of {use_case} in the registry as {current_user(place)}.")
    else:
        decided = decide_promotion(place, approved=not reject, comment=comment, wait=wait)
        click.echo(f"{verb} {decided.stage} of {use_case} as {current_user(place)}.")
    click.echo(f"Next: plinth promotions {use_case} --watch")
    return ExitCode.OK
