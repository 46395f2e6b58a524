"""``plinth builds``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.reports import delivery
from selfservice.runner.project import open_project, require_engine


@click.command("builds", cls=ProjectCommand)
@options.use_case
@options.as_json
@click.pass_obj
def builds(directory: Path, /, *, use_case: str, as_json: bool) -> ExitCode:
    """List the builds of a use case.

    The newest comes first. The builds come from CodeBuild in the tooling account. The reason of a failed build is what
    it posted on its commit, or else the command that failed.
    """
    project = open_project(directory)
    place = delivery.place_of(project, use_case)
    require_engine(project.directory)
    found = delivery.builds(place)
    click.echo(delivery.as_json("builds", found) if as_json else delivery.as_text(found))
    return ExitCode.OK
