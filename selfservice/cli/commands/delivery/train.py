"""``plinth train``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project


@click.command("train", cls=ProjectCommand)
@options.use_case
@click.option("--reason", metavar="TEXT", default="", help="Why; the version keeps it.")
@click.option("--repeat", metavar="VERSION|BUILD_ID", help="Repeat the training of this version or build instead.")
@click.pass_obj
def train(directory: Path, /, *, use_case: str, reason: str, repeat: str | None) -> ExitCode:
    """Train the model of a use case again, or repeat a training.

    A build of main trains on the data that its source has now. The version waits for approval if it passes the gates
    and is better than the served one. Cool-down and monthly limit of the settings do not apply, but count the run.

    --repeat trains with code, data, images and parameters of an earlier build, registers nothing, and compares the
    results. The build fails if a metric differs by more than repeat_tolerance of the configuration, and names what
    differs.

    Use the permission set LeadScientist-tooling or MLOpsEngineer-tooling: CodeBuild records who started a build.
    """
    from selfservice.promotions.build_retry import place_of_person_who_builds
    from selfservice.promotions.training import repeat_build, start_training

    place = place_of_person_who_builds(open_project(directory), use_case)
    if repeat is None:
        build = start_training(place, reason)
        click.echo(f"Started a training of main: {build}.")
    else:
        repeated, build = repeat_build(place, repeat)
        click.echo(f"Started the repetition of {repeated}: {build}.")
    click.echo(f"Next: plinth logs {use_case} {build[:8]} --follow")
    return ExitCode.OK
