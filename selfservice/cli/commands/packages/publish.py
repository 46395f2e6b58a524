"""``plinth packages publish``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import BadInputError, ExitCode
from selfservice.runner.project import find_directory, open_project
from selfservice.use_cases.library.publication import package_place, publish_wheel
from selfservice.use_cases.library.wheel import library_wheel


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
    with TemporaryDirectory(prefix="plinth-packages-") as folder:
        click.echo(publish_wheel(library_wheel(project.program_directory, Path(folder)), place))
    return ExitCode.OK
