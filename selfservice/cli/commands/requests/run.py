"""``plinth requests run``."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode

if TYPE_CHECKING:
    from selfservice.requests.record import OpenRequest
    from selfservice.requests.request_table import Claim, RequestTable
    from selfservice.requests.run_requests import FinishedRequest
    from selfservice.requests.settings_commit import SettingsRepository
    from selfservice.requests.settings_publisher import Publisher
    from selfservice.runner.project import Project


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
    from selfservice.cli.delivery.requested import has_request_table
    from selfservice.errors import BadInputError
    from selfservice.runner.project import open_project, require_engine
    from selfservice.use_cases.git import require_git

    if push and pull_requests:
        raise BadInputError("--push and --pull-requests exclude each other: name how commits reach the settings")
    project = open_project(directory)
    require_engine(project.directory)
    require_git()
    status = ExitCode.OK
    if remote:
        _refuse_without_cluster(project)
    publisher = _publisher(project, push=push, pull_requests=pull_requests)
    use_cases = id_ is None and has_request_table(project)
    looking = _UseCases.of(project, commit=commit or push, confirmed=yes or watch) if use_cases else None
    before: list[str] = []
    while True:
        done: list[str] = []
        if publisher is not None and not _has_received(publisher):
            changed = ExitCode.REFUSED
        else:
            needed = looking is None
            changed = _run_changes(project, id_, publisher, done, required=needed, time_limit=time_limit, remote=remote)
        created = looking.run(done) if looking is not None else ExitCode.OK
        finished = ExitCode.OK if publisher is None else _finished(publisher)
        status = max(status, changed, created, finished)
        # What a look repeats waits for somebody: for example, whether approvers are still in the platform team.
        if drain and done and done != before:
            before = done
        elif watch:
            time.sleep(seconds)
        else:
            if not _has_open(project, looking):
                click.echo("There are no open requests.")
            return status


def _refuse_without_cluster(project: Project) -> None:
    """Raises: BadInputError if no Job can start, as `plinth up --remote` does."""
    from selfservice.clusters.launcher import launcher_for

    launcher_for(project, ())


def _publisher(project: Project, *, push: bool, pull_requests: bool) -> Publisher | None:
    from selfservice.requests.settings_branch import SettingsBranch
    from selfservice.requests.settings_publisher import DirectPublisher, SettingsPublisher

    if push:
        return DirectPublisher(SettingsBranch.of(project.directory))
    return SettingsPublisher.of(project.directory, os.environ) if pull_requests else None


def _finished(publisher: Publisher) -> ExitCode:
    """Publishes what is left at the end of a look. Says why if that is impossible."""
    from selfservice.errors import RefusedError

    try:
        publisher.finish()
    except RefusedError as error:
        click.echo(str(error), err=True)
        return ExitCode.REFUSED
    return ExitCode.OK


def _has_received(publisher: Publisher) -> bool:
    """Merges what is new on the remote branch. Returns False if that is impossible, and says why."""
    from selfservice.errors import RefusedError

    try:
        publisher.receive()
    except RefusedError as error:
        click.echo(str(error), err=True)
        return False
    return True


def _has_open(project: Project, looking: _UseCases | None) -> bool:
    """Returns whether a request for a team or a use case waits for a runner, an approval or its time."""
    from selfservice.catalog.change_requests import ChangeRequests
    from selfservice.cli.commands.requests.catalog_access import catalog_of

    catalog = catalog_of(project)
    changes = [] if catalog is None else ChangeRequests(catalog).open_changes()
    return bool(changes) or (looking is not None and bool(looking.table.open_requests()))


def _run_changes(
    project: Project,
    id_: str | None,
    publisher: Publisher | None,
    done: list[str],
    *,
    required: bool,
    time_limit: int,
    remote: bool,
) -> ExitCode:
    """Looks once at the requests for teams, adds what was done to ``done``, and removes old runs."""

    from selfservice.catalog.change_requests import ChangeRequests
    from selfservice.catalog.kept_requests import kept
    from selfservice.changes.run_changes import run_open_changes
    from selfservice.cli.commands.requests.catalog_access import catalog_of, required_catalog
    from selfservice.cli.progress import progress_listener
    from selfservice.errors import RefusedError
    from selfservice.request_runner.display import Display
    from selfservice.request_runner.durable_run import InterruptedRunError
    from selfservice.request_runner.old_runs import KEPT_DAYS, remove_old_runs
    from selfservice.request_runner.work import RunnerWork
    from selfservice.requests.request_history import RequestHistory
    from selfservice.requests.runner_process import RunnerProcess
    from settings.types.redaction import readable, shown

    catalog = required_catalog(project) if required else catalog_of(project)
    if catalog is None:
        return ExitCode.OK
    status = ExitCode.OK
    display = Display(
        listening=partial(progress_listener, sys.stdout), announce=click.echo, warn=partial(click.echo, err=True)
    )
    work = RunnerWork(project.directory, catalog, display, publisher, time_limit, remote)
    history, requests = RequestHistory.of(project.directory), ChangeRequests(catalog)
    try:
        for handled in run_open_changes(requests, RunnerProcess.current(), work, only=id_):
            note = "\n".join(map(readable, handled.note.splitlines()))
            click.echo(f"{shown(handled.id)}  {handled.state}  {note}")
            done.append(f"{handled.id} {handled.state} {handled.note}")
            status = ExitCode.FAILED if handled.state == "failed" else status
            if history is not None:
                history.write(handled.id, kept(catalog, handled.id), f"{handled.id}: {handled.state}")
        for removed in remove_old_runs(project.state_directory / "requests", requests, requests.now()):
            click.echo(f"{removed}  removed the workflow and the folder of a request that ended {KEPT_DAYS} days ago")
        if history is not None and publisher is not None:
            history.exchange(publisher.branch.remote)
    except RefusedError as error:  # of the history, because requests that are refused are handled
        click.echo(str(error), err=True)
        return max(status, ExitCode.REFUSED)
    except InterruptedRunError as interruption:
        click.echo(str(interruption), err=True)
        raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None
    return status


@dataclass(frozen=True, slots=True)
class _UseCases:
    """The requests for use cases, and what a runner does for them."""

    project: Project
    table: RequestTable
    settings: SettingsRepository | None

    @classmethod
    def of(cls, project: Project, *, commit: bool, confirmed: bool) -> _UseCases:
        from selfservice.cli.delivery.requested import request_table
        from selfservice.requests.settings_commit import SettingsRepository
        from selfservice.use_cases.permission import refuse_denied

        settings = SettingsRepository.of(project.directory) if commit else None
        refuse_denied(project)
        table = request_table(project)
        _confirm(table.open_requests(), confirmed=confirmed)
        return cls(project, table, settings)

    def run(self, done: list[str]) -> ExitCode:
        """Looks once, creates the use cases of open requests, and adds them to ``done``."""
        from selfservice.cli.delivery.creation_surface import creation_surface
        from selfservice.request_runner.requested_use_case import create_requested
        from selfservice.requests.run_requests import run_open_requests
        from selfservice.requests.runner_process import RunnerProcess

        directory = self.project.directory
        create = partial(create_requested, directory, creation_surface(directory, confirmed=True, wait=False))
        status = ExitCode.OK
        for finished in run_open_requests(self.table, RunnerProcess.current(), create, started=_print_start):
            click.echo(_line(finished))
            done.append(finished.request.id)
            _commit(self.settings, finished)
            status = ExitCode.FAILED if finished.result.state == "failed" else status
        return status


def _confirm(found: list[OpenRequest], *, confirmed: bool) -> None:
    """Asks on a terminal. Raises: BadInputError if the user does not confirm."""
    from selfservice.errors import BadInputError
    from settings.types.redaction import shown

    if found and not confirmed and sys.stdin.isatty():
        for request in found:
            click.echo(f"{shown(request.id)}: {shown(request.user)} of {shown(request.team)}", err=True)
        if not click.confirm(f"Create {len(found)} use cases?", err=True):
            raise BadInputError("not confirmed; nothing was changed")


def _commit(settings: SettingsRepository | None, finished: FinishedRequest) -> None:
    """Commits what a creation has changed in the settings, also if it failed later."""
    from selfservice.requests.use_case_request import parsed_request
    from settings.types.redaction import shown

    if settings is None or finished.result.state == "refused":
        return
    request = finished.request
    name = parsed_request(request.text).name
    made = settings.commit(request.team, name, f"Requested by {shown(request.user)} as {shown(request.id)}.")
    if made is not None:
        click.echo(f"Committed the settings of {request.team}--{name} as {made[:7]}.")


def _print_start(claim: Claim) -> None:
    from settings.types.redaction import shown

    verb = "Working" if claim.is_first else "Continuing to work"
    request = claim.request
    click.echo(f"{verb} on {shown(request.id)}, requested by {shown(request.user)} of {shown(request.team)}.")


def _line(finished: FinishedRequest) -> str:
    from settings.types.redaction import shown

    result = finished.result
    parts = [shown(finished.request.id), result.state, result.commit or "", result.reason or ""]
    lost = [] if finished.recorded else ["(another runner had taken it over)"]
    return "  ".join(part for part in (*parts, *lost) if part)
