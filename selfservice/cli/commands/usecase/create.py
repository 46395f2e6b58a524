"""``plinth usecase create``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.cli import options
from selfservice.cli.commands.usecase import inference_options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import find_directory

if TYPE_CHECKING:
    from settings.types.kinds import InferenceKind


@click.command("create", cls=ProjectCommand)
@click.option("--team", required=True, metavar="TEAM", help="Team that owns the use case.")
@click.option("--name", required=True, metavar="NAME", help="Name of the use case.")
@click.option("--image", "images", multiple=True, metavar="NAME", help="Container image that builds push. Repeatable.")
@click.option("--feature-branches", is_flag=True, help="Deploy a pipeline for each feature branch.")
@inference_options.goal
@inference_options.inference
@inference_options.results
@inference_options.approvers
@click.option("--settings-only", is_flag=True, help="Write the settings, and deploy and push nothing.")
@click.option(
    "--template",
    default="tabular",
    show_default=True,
    metavar="NAME|URL",
    help="Template of the build repository: a name, or the URL of a git repository.",
)
@click.option("--template-version", metavar="TAG", help="Version of the template. Default: the newest.")
@click.option(
    "--directory",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder for the build repository. Default: TEAM--NAME-build in the current directory.",
)
@click.option(
    "--data",
    multiple=True,
    metavar="ANSWER=VALUE",
    help="Answer to a question of the template, such as problem=regression. Repeatable.",
)
@click.option("--wait", is_flag=True, help="Wait for the first build and run. Exits with 1 if one of them fails.")
@options.confirmed
@click.pass_obj
def create(
    directory: Path,
    /,
    *,
    team: str,
    name: str,
    images: tuple[str, ...],
    feature_branches: bool,
    goal: str,
    inference: InferenceKind | None,
    results: str | None,
    approvers: tuple[str, ...],
    settings_only: bool,
    template: str,
    template_version: str | None,
    folder: Path | None,
    data: tuple[str, ...],
    wait: bool,
    yes: bool,
) -> ExitCode:
    """Create a use case with a first commit in its build repository.

    The command adds the use case to the settings of its team, deploys its stack, generates a project from the template,
    and pushes it to main, which starts the first build. If it was interrupted, run it again: it continues where it
    stopped. It changes nothing if a value is wrong. The first commit is pushed with the role that deploys the stack.
    """
    from selfservice.authoring.new_use_case import NewUseCase
    from selfservice.cli.delivery.creation_surface import creation_surface
    from selfservice.use_cases.answers import given_answers
    from selfservice.use_cases.creation import add_to_settings, create_use_case
    from selfservice.use_cases.first_commit import FirstCommit
    from selfservice.use_cases.template import resolved
    from settings.files.validation_cache import load_cached

    project = find_directory(directory)
    stack = f"{team}--{name}"
    use_case = NewUseCase(
        team=team,
        name=name,
        images=images,
        feature_branches=feature_branches,
        inference=inference,
        approvers=approvers,
        goal=goal,
    )
    if settings_only:
        add_to_settings(project, use_case, click.echo)
        click.echo(f"Nothing is deployed. Deploy it with `plinth up {stack} --with-needs`.")
        return ExitCode.OK
    source, version = resolved(template, template_version, load_cached(project).organization.templates)
    first = FirstCommit(
        stack=stack,
        folder=(folder or Path(f"{stack}-build")).absolute(),
        template=source,
        version=version,
        answers=given_answers(data),
        results=results,
    )
    return create_use_case(project, use_case, first, creation_surface(project, confirmed=yes, wait=wait)).status
