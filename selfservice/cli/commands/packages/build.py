"""``plinth packages build``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import find_directory, open_project
from selfservice.use_cases.library.wheel import library_wheel


@click.command("build", cls=ProjectCommand)
@click.option(
    "--directory",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("build/packages"),
    show_default=True,
    help="Folder for the wheel.",
)
@click.pass_obj
def build(directory: Path, /, *, folder: Path) -> ExitCode:
    """Build the wheel of the library of the use cases.

    The same source gives the same bytes on every machine. The output is the file and the line of a lock that pins it.
    """
    wheel = library_wheel(open_project(find_directory(directory)).program_directory, folder)
    click.echo(f"{wheel.file}\n{wheel.requirement} --hash=sha256:{wheel.sha256}")
    return ExitCode.OK
