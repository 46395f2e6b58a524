"""``plinth usecase clone``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import BadInputError, ExitCode, sandbox_connection
from selfservice.projects.project import Project, open_project

if TYPE_CHECKING:
    from settings.team.delivery import Repository


@click.command("clone", cls=ExitCodeCommand)
@options.use_case
@click.option("--as", "person", required=True, metavar="PERSON", help="Your user name. Commits have it.")
@click.option(
    "--repository",
    type=click.Choice(("build", "deployment")),
    default="build",
    show_default=True,
    help="Repository to clone.",
)
@click.option(
    "--directory",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder for the copy. Default: TEAM--NAME-REPOSITORY in the current directory.",
)
@click.option("--email", metavar="ADDRESS", help="Address of your commits. Default: PERSON at the team's domain.")
@click.option(
    "--profile", metavar="NAME", help="Profile of the AWS CLI with your credentials. Default: $AWS_PROFILE, if set."
)
@click.pass_obj
def clone(
    directory: Path,
    /,
    *,
    use_case: str,
    person: str,
    repository: str,
    folder: Path | None,
    email: str | None,
    profile: str | None,
) -> ExitCode:
    """Clone a repository of a use case, ready to commit and push.

    The copy knows the address, how git signs in, and your name. At AWS, sign in with a permission set of the tooling
    account, such as DataScientist-tooling: git signs in with the AWS CLI and your profile. In a shell of the sandbox,
    git signs in to the tooling account as PERSON. A repository at a source provider is cloned with your own access to
    the provider.
    """
    from selfservice.reports import delivery
    from selfservice.use_cases.working_copy import ENDPOINT, WorkingCopy

    project = open_project(directory)
    names = delivery.names_of(project, use_case)
    purpose = cast("Repository", repository)
    url, account_id = _place(project, use_case, purpose)
    copy = WorkingCopy(
        url=url,
        folder=(folder or Path(names.repository(purpose))).absolute(),
        person=person,
        email=email or _address(project, names.team, person),
        account_id=account_id,
        profile=profile or os.environ.get("AWS_PROFILE"),
    )
    copy.clone()
    click.echo(f"Cloned {url} to {copy.folder}. Commits are by {copy.person} <{copy.email}>.")
    lines = ["Next:", f"  cd {copy.folder}"]
    if os.environ.get(ENDPOINT):
        lines.append(f"  {sandbox_connection()}   in each new shell")
    lines += ["  git switch --create feature/mine   and commit your changes", "  git push --set-upstream origin HEAD"]
    if purpose == "build":
        lines.append(f"  plinth --cwd {project.directory} logs {use_case} build --follow")
    click.echo("\n".join(lines))
    return ExitCode.OK


def _place(project: Project, use_case: str, purpose: Repository) -> tuple[str, str | None]:
    """Returns the URL of a repository, and its account if it is in CodeCommit."""
    from botocore.exceptions import ClientError

    from selfservice.projects.project import require_engine
    from selfservice.reports import delivery
    from selfservice.reports.own_credentials import own_place_of_builds
    from settings.derived.source_repositories import source_of
    from settings.files.validation_cache import load_cached

    foundation, names = load_cached(project.directory), delivery.names_of(project, use_case)
    settings = foundation.teams[names.team].use_cases[names.use_case].delivery
    assert settings is not None, use_case  # names_of accepts only use cases with a delivery
    source = source_of(foundation.organization, names.team, names.use_case, settings)
    if source is not None:
        return source.urls[purpose], None
    place = own_place_of_builds(project, use_case)
    if place is None:
        require_engine(project.directory)
        place = delivery.place_of(project, use_case)
    repository = names.repository(purpose)
    try:
        client = place.tooling.client("codecommit")
        found = client.get_repository(repositoryName=repository)["repositoryMetadata"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "RepositoryDoesNotExistException":
            raise
        raise BadInputError(f"there is no repository {repository} in the account {place.tooling.id}") from error
    return str(found["cloneUrlHttp"]), place.tooling.id


def _address(project: Project, team: str, person: str) -> str:
    """Returns the address of a person: their name if it is one, or else one at the domain of the team's owner."""
    from settings.files.validation_cache import load_cached

    if "@" in person:
        return person
    owner = load_cached(project.directory).teams[team].owner
    return f"{person}@{owner.partition('@')[2]}"
