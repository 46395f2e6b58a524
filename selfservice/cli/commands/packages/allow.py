"""``plinth packages allow``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import BadInputError, ExitCode
from selfservice.projects.project import find_directory, open_project
from selfservice.use_cases.library.allowed_packages import allow as allow_packages
from selfservice.use_cases.library.allowed_packages import pins_in
from selfservice.use_cases.library.publication import package_place


@click.command("allow", cls=ProjectCommand)
@click.argument("pins", metavar="NAME==VERSION", nargs=-1)
@click.option(
    "--requirements",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Lock with the versions to allow, as pip reads it. Hashes in it are compared.",
)
@click.pass_obj
def allow(directory: Path, /, *, pins: tuple[str, ...], requirements: Path | None) -> ExitCode:
    """Allow versions of public packages.

    Where builds install reviewed versions only, the command copies each version from the repository that fetches from
    pypi.org to the one from which builds install. A version that is allowed already stays as it is. The command needs
    credentials that deploy stacks.
    """
    project = open_project(find_directory(directory))
    wanted = [pin for text in pins for pin in pins_in(text, "argument")]
    if requirements is not None:
        wanted += pins_in(requirements.read_text(encoding="utf-8"), str(requirements))
    if not wanted:
        raise BadInputError("no version is named; write NAME==VERSION, or --requirements with a lock")
    place = package_place(project, upstream="reviewed")
    if place is None:
        raise BadInputError(
            "the organization has no repository of reviewed packages; set `plinth:organization.packages` to "
            "`{upstream: reviewed}` and deploy the stack tooling"
        )
    for line in allow_packages(wanted, place):
        click.echo(line)
    return ExitCode.OK
