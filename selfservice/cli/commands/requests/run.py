"""``plinth requests run``."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode

if TYPE_CHECKING:
    from selfservice.catalog.items import CatalogItems
    from selfservice.projects.project import Project
    from selfservice.request_runner.team_look import TeamLook
    from selfservice.request_runner.use_case_look import UseCaseLook
    from selfservice.request_runner.work import RunnerWork
    from selfservice.requests.record import OpenRequest
    from selfservice.requests.request_table import RequestTable
    from selfservice.settings_repository.publisher import Publisher


@click.command("run", cls=ProjectCommand)
@click.argument("id_", metavar="[ID]", required=False)
@click.option("--watch", is_flag=True, help="Continue to look for requests until the command is interrupted.")
@click.option(
    "--every",
    "seconds",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="Time between two looks, with --watch.",
)
@click.option(
    "--pull-requests",
    is_flag=True,
    help="Propose the commits of each request for a team as a pull request at GitHub or GitLab.",
)
@click.option("--commit", is_flag=True, help="Commit the settings files that each request changes, with git.")
@click.option("--push", is_flag=True, help="Commit, and push the commits to the remote branch of the settings.")
@click.option("--drain", is_flag=True, help="Look again until nothing is due any more.")
@click.option(
    "--remote",
    is_flag=True,
    help="Run operations for teams as Jobs in the Kubernetes cluster of the tooling account where pods may, others "
    "here.",
)
@options.time_limit
@options.confirmed
@click.pass_obj
def run(
    directory: Path,
    /,
    *,
    id_: str | None,
    watch: bool,
    seconds: int,
    pull_requests: bool,
    commit: bool,
    push: bool,
    drain: bool,
    remote: bool,
    time_limit: int,
    yes: bool,
) -> ExitCode:
    """Carry out what people have requested.

    Requests for teams are previewed, and deployed once another person has approved the preview; they end as a commit of
    the settings. Use cases that lead data scientists request are created; the command changes settings files, and
    --commit commits them. With an ID, only this request for a team is looked at, also if it failed before.

    With --pull-requests and a token in GITHUB_TOKEN or GITLAB_TOKEN, the command first merges what is new on the remote
    branch. At the end of a request for a team, it pushes the commits to a branch, and opens a pull request. With
    --push, it merges too, and pushes the commits to the remote branch itself.

    With --remote, previews and updates for teams run in the cluster, except those that no pod may run. The steps of a
    request say where each ran, and why if it was here.

    Use credentials that deploy stacks. Several runners can work at the same time: each request is carried out once. A
    request that an interrupted runner has left is continued, at once on the same machine, otherwise after ten minutes.
    The command exits with 1 if a creation failed. A refused request is no failure.
    """
    from selfservice.cli.commands.requests.printed_run import PrintedRun
    from selfservice.errors import BadInputError
    from selfservice.projects.project import open_project, require_engine
    from selfservice.request_runner.deployed_tables import deployed_catalog, deployed_request_table
    from selfservice.request_runner.durable_run import InterruptedRunError
    from selfservice.request_runner.looks import Looks, has_open_requests
    from selfservice.use_cases.git import require_git

    if push and pull_requests:
        raise BadInputError("--push and --pull-requests exclude each other: name how commits reach the settings")
    project = open_project(directory)
    require_engine(project.directory)
    require_git()
    if remote:
        _refuse_without_cluster(project)
    publisher = _publisher(project, push=push, pull_requests=pull_requests)
    use_cases = None
    if id_ is None and (table := deployed_request_table(project)) is not None:
        use_cases = _use_case_look(project, table, commit=commit or push, confirmed=yes or watch)
    looks = Looks(
        teams=_team_look(project, id_, publisher, required=use_cases is None, time_limit=time_limit, remote=remote),
        use_cases=use_cases,
        observer=PrintedRun(),
        publisher=publisher,
        drain=drain,
        every_seconds=seconds if watch else None,
    )
    try:
        status = looks.run()
    except InterruptedRunError as interruption:
        click.echo(str(interruption), err=True)
        raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
    if not has_open_requests(deployed_catalog(project), use_cases):
        click.echo("There are no open requests.")
    return status


def _refuse_without_cluster(project: Project) -> None:
    """Raises: BadInputError if no Job can start, as `plinth up --remote` does."""
    from selfservice.clusters.launcher import launcher_for

    launcher_for(project, ())


def _publisher(project: Project, *, push: bool, pull_requests: bool) -> Publisher | None:
    from selfservice.settings_repository.branch import SettingsBranch
    from selfservice.settings_repository.publisher import DirectPublisher, SettingsPublisher

    if push:
        return DirectPublisher(SettingsBranch.of(project.directory))
    return SettingsPublisher.of(project.directory, os.environ) if pull_requests else None


def _team_look(
    project: Project, id_: str | None, publisher: Publisher | None, *, required: bool, time_limit: int, remote: bool
) -> TeamLook:
    """Returns the look at requests for teams. ``required``: whether a team catalog has to be deployed."""
    from selfservice.cli.commands.requests.printed_run import PrintedRun, printed_work
    from selfservice.request_runner.deployed_tables import deployed_catalog, required_catalog
    from selfservice.request_runner.team_look import TeamLook
    from selfservice.request_runner.work import RunnerWork

    def work(catalog: CatalogItems) -> RunnerWork:
        return RunnerWork(project.directory, catalog, printed_work(), publisher, time_limit, remote)

    return TeamLook(
        project=project,
        catalog=partial(required_catalog if required else deployed_catalog, project),
        work=work,
        observer=PrintedRun(),
        publisher=publisher,
        only=id_,
    )


def _use_case_look(project: Project, table: RequestTable, *, commit: bool, confirmed: bool) -> UseCaseLook:
    """Returns the look at requests for use cases, after the user has confirmed it.

    Raises: BadInputError if the user does not; RefusedError if the credentials may not deploy.
    """
    from selfservice.cli.commands.requests.printed_run import PrintedRun
    from selfservice.cli.delivery.creation_surface import creation_surface
    from selfservice.request_runner.use_case_look import UseCaseLook
    from selfservice.settings_repository.commits import SettingsRepository
    from selfservice.use_cases.permission import refuse_denied

    settings = SettingsRepository.of(project.directory) if commit else None
    refuse_denied(project)
    _confirm(table.open_requests(), confirmed=confirmed)
    return UseCaseLook(
        directory=project.directory,
        table=table,
        settings=settings,
        creation=creation_surface(project.directory, confirmed=True, wait=False),
        observer=PrintedRun(),
    )


def _confirm(found: list[OpenRequest], *, confirmed: bool) -> None:
    """Asks on a terminal. Raises: BadInputError if the user does not confirm."""
    from selfservice.errors import BadInputError
    from settings.types.redaction import shown

    if found and not confirmed and sys.stdin.isatty():
        for request in found:
            click.echo(f"{shown(request.id)}: {shown(request.user)} of {shown(request.team)}", err=True)
        if not click.confirm(f"Create {len(found)} use cases?", err=True):
            raise BadInputError("not confirmed; nothing was changed")
