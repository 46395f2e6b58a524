"""Runs preview, up or destroy: selects the stacks, makes the checks that come first, and prints the report."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.checks.dependents import deployed_dependents, refuse_needed, sharing_stacks
from selfservice.checks.needs import refuse_undeployed_needs, undeployed_needs
from selfservice.checks.protection import refuse_protected
from selfservice.checks.undeployable import refuse_undeployable
from selfservice.checks.waivers import refuse_unwaived
from selfservice.cli.answers import is_terminal
from selfservice.cli.confirmation import changes_of_destruction, changes_of_update, confirm
from selfservice.cli.progress import progress_listener
from selfservice.cli.report import Report
from selfservice.errors import BadInputError, ExitCode
from selfservice.forks.prepared import PreparedProcess, runs_this_program
from selfservice.operations.limits import DEFAULT_MINUTES
from selfservice.operations.operation import DEFAULT_LOCK_MINUTES, Action
from selfservice.projects.project import Project, open_project, require_engine
from selfservice.projects.states import resources_by_stack
from selfservice.removal.leftovers import with_leftovers
from selfservice.runner.selection import Selection, refuse_durable, select
from selfservice.runner.session import RunOptions, run_operations

if TYPE_CHECKING:
    from selfservice.clusters.launcher import Launcher


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """The arguments of a command that operates on stacks."""

    action: Action
    selection: Selection
    refresh: bool
    parallel: int
    jobs: int | None
    as_json: bool
    time_limit: int = DEFAULT_MINUTES
    """Minutes after which the operation on a stack is stopped."""
    lock_timeout: int = DEFAULT_LOCK_MINUTES
    """Minutes to wait for locks of the backend that other engines hold."""
    policy_packs: tuple[Path, ...] = ()
    expect_no_changes: bool = False
    skip: bool = False
    confirmed: bool = False
    diff: bool = False
    with_needs: bool = False
    """Whether to operate on dependencies that were never deployed, too."""
    read_only: bool = False
    """Whether a preview uses copies of the states, and roles that only read."""
    remote: bool = False
    """Whether the operations run as Jobs in the cluster of the tooling account."""
    with_dependents: bool = False
    """Whether to destroy deployed stacks that depend on the selected ones, too."""

    @property
    def skips_unchanged(self) -> bool:
        """Whether unchanged stacks are skipped.

        Fingerprints do not cover AWS, so a refresh runs every stack. A stack that the user names always runs, and so
        does every stack of a read-only preview.
        """
        return self.skip and self.selection.everything and not (self.refresh or self.read_only or self.remote)


def operate(directory: Path, request: Request) -> ExitCode:
    """Carries out the request in the project around ``directory``."""
    return operate_with_report(directory, request).exit_code


def operate_with_report(directory: Path, request: Request) -> Report:
    """Carries out the request, and returns the report that was printed."""
    with closing(PreparedProcess()) as prepared:
        return _operate(prepared, directory, request)


def _operate(prepared: PreparedProcess, directory: Path, request: Request) -> Report:
    destroys = request.action is Action.DESTROY
    # The prepared process has the environment of its start, which a read-only operation changes later.
    prepares = not request.skips_unchanged and not request.read_only and not request.remote
    if prepares:
        prepared.prepare([])  # it imports the SDK while this process reads the settings
    project = replace(open_project(directory), read_only=request.read_only)
    if destroys:
        require_engine(project.directory)
        project = with_leftovers(project)
    stacks = select(project.graph, request.selection)
    if destroys:
        refuse_durable(stacks)
    require_engine(project.directory)
    if not destroys:
        stacks = _with_needs(project, stacks, request)
    if prepares and not destroys and runs_this_program(project.directory):
        prepared.prepare(stacks, project.policy_packs)
    if destroys:
        stacks = _with_dependents(project, stacks, request)
        refuse_protected(project, stacks)
        refuse_unwaived(project, stacks)
    else:
        refuse_undeployable(project, stacks)
        print_relaxed_rules(project)
    remote = _launcher(project, stacks, request) if request.remote else None
    options = RunOptions(
        action=request.action,
        stacks=stacks,
        policy_packs=tuple(pack.resolve() for pack in request.policy_packs),
        refresh=request.refresh,
        diff=request.diff,
        parallel=request.parallel,
        jobs=request.jobs,
        time_limit_minutes=request.time_limit,
        lock_timeout_minutes=request.lock_timeout,
        skip=request.skips_unchanged,
    )
    stream = sys.stderr if request.as_json else sys.stdout
    if request.action is not Action.PREVIEW and not request.confirmed:
        changes: list[str] = []
        if destroys:
            changes = changes_of_destruction(resources_by_stack(project, stacks)) if is_terminal() else []
        elif is_terminal() and remote is None:
            previewed = _previewed(project, options, prepared)
            if previewed.exit_code is not ExitCode.OK:
                return previewed
            changes = changes_of_update(previewed.outcomes)
        confirm(project, request.action, stacks, changes)
    result = run_operations(
        project,
        options,
        prepared,
        partial(progress_listener, stream, request.action),
        partial(print, file=stream, flush=True),
        remote,
    )
    if remote is not None:
        remote.clean_up(partial(click.echo, err=True))
    report = Report(
        action=request.action,
        outcomes=result.outcomes,
        seconds=result.seconds,
        logs=result.logs,
        expect_no_changes=request.expect_no_changes,
    )
    click.echo(report.as_json() if request.as_json else f"\n{report.as_text()}")
    if destroys and report.exit_code is ExitCode.OK:
        _print_sharing(sharing_stacks(project, stacks))
    return report


def _previewed(project: Project, options: RunOptions, prepared: PreparedProcess) -> Report:
    """Previews an update that somebody is asked about, and returns the report.

    The report is printed only if the update cannot succeed, because the question tells the rest.
    """
    result = run_operations(
        project,
        replace(options, action=Action.PREVIEW, diff=True),
        prepared,
        partial(progress_listener, sys.stderr, Action.PREVIEW),
        partial(print, file=sys.stderr, flush=True),
    )
    report = Report(action=Action.PREVIEW, outcomes=result.outcomes, seconds=result.seconds, logs=result.logs)
    if report.exit_code is not ExitCode.OK:
        click.echo(f"\n{report.problems}\nNothing was changed.", err=True)
    return report


def _launcher(project: Project, stacks: list[str], request: Request) -> Launcher:
    """Returns what starts the operations in the cluster. Raises: BadInputError, RefusedError."""
    from selfservice.clusters.launcher import launcher_for

    if request.policy_packs:
        raise BadInputError("--policy-pack works on this machine only: with --remote, the packs are those of the image")
    if request.read_only:
        raise BadInputError("--read-only and --remote exclude each other: pods deploy")
    return launcher_for(project, stacks)


def _with_needs(project: Project, stacks: list[str], request: Request) -> list[str]:
    """Returns the stacks, and with ``--with-needs`` also the dependencies that were never deployed.

    Only ``up`` refuses a selection without them: in a preview, the outputs of missing stacks are unknown.
    """
    if not request.with_needs and request.action is Action.PREVIEW:
        return stacks
    missing = undeployed_needs(project, stacks)
    if not request.with_needs:
        refuse_undeployed_needs(missing)
    wanted = {*stacks, *missing}
    return [stack for stack in project.graph if stack in wanted]


def _with_dependents(project: Project, stacks: list[str], request: Request) -> list[str]:
    """Returns the stacks, and with ``--with-dependents`` also those that depend on them. A terminal is asked.

    Raises: RefusedError if there are dependents that the user does not want to destroy.
    """
    dependents = deployed_dependents(project, stacks)
    if dependents and not request.with_dependents:
        question = f"{', '.join(dependents)} depend on {', '.join(stacks)}. Destroy them too?"
        if not sys.stdin.isatty() or not click.confirm(question, err=True):
            refuse_needed(dependents)
    wanted = {*stacks, *dependents}
    return [stack for stack in project.graph if stack in wanted]


def _print_sharing(published: list[str]) -> None:
    """Prints the stacks of published data that name the destroyed ones, and how to bring them up to date."""
    if published:
        names = " ".join(published)
        click.echo(
            f"{', '.join(published)} still share data with what was destroyed. Remove it from their settings files, or "
            f"deploy it again; then run `plinth up {names}`.",
            err=True,
        )


def print_relaxed_rules(project: Project) -> None:
    """Prints the rules that do not hold in this placement. A placement that merges accounts gives some of them up."""
    for rule in project.relaxed_rules:
        click.echo(f"relaxed by the placement: {rule}", err=True)
