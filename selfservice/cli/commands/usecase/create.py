"""``plinth usecase create``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.runner.project import find_directory


@click.command("create", cls=ProjectCommand)
@click.option("--team", required=True, metavar="TEAM", help="Team that owns the use case.")
@click.option("--name", required=True, metavar="NAME", help="Name of the use case.")
@click.option("--image", "images", multiple=True, metavar="NAME", help="Container image that builds push. Repeatable.")
@click.option("--feature-branches", is_flag=True, help="Deploy a pipeline for each feature branch.")
@click.pass_obj
def create(directory: Path, /, *, team: str, name: str, images: tuple[str, ...], feature_branches: bool) -> ExitCode:
    """Write the settings of a use case with repositories.

    It also has builds and model package groups. The lines are added to the team's file. It writes nothing unless the
    file passes all rules together with the other settings.
    """
    from selfservice.authoring.new_team import shown
    from selfservice.authoring.new_use_case import NewUseCase, add_use_case

    project = find_directory(directory)
    file = add_use_case(project, NewUseCase(team=team, name=name, images=images, feature_branches=feature_branches))
    click.echo(f"{shown(file, project)} has the use case {name}; nothing is deployed.")
    click.echo(f"Deploy it with `plinth up {team}--{name} --with-needs`.")
    return ExitCode.OK
