"""``plinth packages publish``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import BadInputError, ExitCode
from selfservice.projects.project import find_directory, open_project
from selfservice.use_cases.library.publication import package_place, publish_library


@click.command("publish", cls=ProjectCommand)
@click.pass_obj
def publish(directory: Path, /) -> ExitCode:
    """Publish the library to the package repository of the organization.

    Repositories of use cases install this version after they name it. A version is published once. The command does
    nothing if the repository has it, and fails if its content is another one. It needs credentials that deploy stacks.
    """
    project = open_project(find_directory(directory))
    place = package_place(project)
    if place is None:
        raise BadInputError(
            "the organization has no package repository; set plinth:organization.packages, or copy the wheel of "
            "`plinth packages build` to the folder vendor of a repository"
        )
    click.echo(publish_library(project.program_directory, place))
    return ExitCode.OK
