"""``plinth builds``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import Project, open_project, require_engine
from selfservice.reports import delivery


@click.command("builds", cls=ProjectCommand)
@options.use_case
@click.option("--retry", is_flag=True, help="Start the newest build of a branch again, which must have failed.")
@click.option("--branch", metavar="NAME", default="main", show_default=True, help="With --retry: the branch.")
@options.as_json
@click.pass_obj
def builds(directory: Path, /, *, use_case: str, retry: bool, branch: str, as_json: bool) -> ExitCode:
    """List the builds of a use case, or retry one.

    The newest comes first. The builds come from CodeBuild in the tooling account. The reason of a failed build is what
    it posted on its commit, or else the command that failed.

    --retry runs a build again with the same commit and settings, for example after a permission or a service was
    repaired. Use the permission set LeadScientist-tooling or MLOpsEngineer-tooling: CodeBuild records who started a
    build. To build other code, push a commit.
    """
    project = open_project(directory)
    if retry:
        return _retried(project, use_case, branch)
    place = delivery.place_of(project, use_case)
    require_engine(project.directory)
    found = delivery.builds(place)
    click.echo(delivery.as_json("builds", found) if as_json else delivery.as_text(found))
    return ExitCode.OK


def _retried(project: Project, use_case: str, branch: str) -> ExitCode:
    from selfservice.promotions.build_retry import place_of_person_who_builds, retry_build

    started = retry_build(place_of_person_who_builds(project, use_case), branch)
    click.echo(f"Started the build of {started.commit[:7]} again: {started.build}. It repeats {started.failed}.")
    click.echo(f"Next: plinth logs {use_case} {started.build[:8]} --follow")
    return ExitCode.OK
