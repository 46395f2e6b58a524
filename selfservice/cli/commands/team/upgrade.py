"""``plinth upgrade``."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import click

from selfservice.cli import answers, completion
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.cli.progress import progress_listener
from selfservice.cli.report import Report
from selfservice.errors import BadInputError, ExitCode
from selfservice.forks.prepared import PreparedProcess
from selfservice.operations.operation import Action, Outcome
from selfservice.projects.project import Project, open_project, require_engine
from selfservice.projects.states import resources_by_stack
from selfservice.runner.selection import Selection, select
from selfservice.runner.session import RunOptions, run_operations
from selfservice.upgrades.run_upgrades import Upgraded, run_upgrades
from selfservice.upgrades.shared_stacks import refuse_outdated_shared
from selfservice.upgrades.team_upgrade import TeamUpgrade
from selfservice.upgrades.upgrade_report import UpgradeReport


@click.command("upgrade", cls=ProjectCommand)
@click.option(
    "--team", "teams", metavar="T", multiple=True, shell_complete=completion.teams,
    help="Upgrade this team. Can be repeated; the first one is upgraded and checked before the others.",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Upgrade every deployed team.")
@click.option("--dry-run", is_flag=True, help="Only show versions and changes.")
@click.option("--yes", "-y", "confirmed", is_flag=True, help="Do not ask for confirmation.")
@click.option("--jobs", type=click.IntRange(min=1), help="Number of stacks to run in parallel.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON document to standard output, and everything else to standard error.",
)
@click.pass_obj
def upgrade(
    directory: Path,
    /,
    *,
    teams: tuple[str, ...],
    everything: bool,
    dry_run: bool,
    confirmed: bool,
    jobs: int | None,
    as_json: bool,
) -> ExitCode:
    """Bring teams to the installed version.

    Shows the version of each team and what would change, upgrades the first team, compares it with AWS, and goes on
    with the others only if nothing differs. It stops at the first failure; run it again to continue. Upgrade shared
    stacks with `plinth up` before.
    """
    from importlib.metadata import version

    if bool(teams) == everything:
        raise BadInputError("name teams with --team, or all with --all")
    project = open_project(directory)
    require_engine(project.directory)
    stacks = _stacks_of_teams(project, teams)
    stream = sys.stderr if as_json else sys.stdout
    with closing(PreparedProcess()) as prepared:
        deployment = _Deployment(project=project, prepared=prepared, jobs=jobs, stream=stream)
        upgrades = _previewed(deployment, stacks)
        print("\n".join(map(str, upgrades)), file=stream, flush=True)
        exit_code, ended = _carried_out(upgrades, deployment, dry_run=dry_run, confirmed=confirmed)
    if as_json:
        report = UpgradeReport(installed=version("plinth"), upgrades=upgrades, ended=ended, exit_code=exit_code)
        click.echo(report.as_json())
    return exit_code


def _previewed(deployment: _Deployment, stacks: Mapping[str, Sequence[str]]) -> list[TeamUpgrade]:
    """Previews the stacks of teams. Raises: RefusedError if a shared stack has to be upgraded before."""
    from importlib.metadata import version

    every = [stack for own in stacks.values() for stack in own]
    refuse_outdated_shared(deployment.project.graph, every, deployment.preview_unless_unchanged)
    previews = deployment.preview(every)
    return [
        TeamUpgrade(
            team=team,
            recorded=deployment.recorded(team),
            installed=version("plinth"),
            outcomes={stack: previews[stack] for stack in own},
        )
        for team, own in stacks.items()
    ]


def _carried_out(
    upgrades: Sequence[TeamUpgrade], deployment: _Deployment, *, dry_run: bool, confirmed: bool
) -> tuple[ExitCode, Sequence[Upgraded]]:
    """Upgrades the teams that are due. Returns the exit code, and how each of them ended."""
    if refusals := [line for team_upgrade in upgrades for line in team_upgrade.refusals]:
        click.echo("\n".join(["error: nothing was changed:", *refusals]), err=True)
        return ExitCode.REFUSED, ()
    due = [team_upgrade.team for team_upgrade in upgrades if team_upgrade.is_due]
    if dry_run or not due:
        print("Nothing was changed.", file=deployment.stream)
        return ExitCode.OK, ()
    if not confirmed and answers.is_terminal() and not click.confirm("Continue?", err=True):
        raise BadInputError("not confirmed; nothing was changed")
    ended = []
    for run_upgrade in run_upgrades(upgrades, deployment):
        said = (
            f"{run_upgrade.team}: stopped: {run_upgrade.fault}"
            if run_upgrade.fault
            else f"{run_upgrade.team}: upgraded"
        )
        print(said, file=deployment.stream, flush=True)
        ended.append(run_upgrade)
    return _exit_code(due, ended), ended


def _stacks_of_teams(project: Project, teams: Sequence[str]) -> dict[str, list[str]]:
    """Returns the stacks of the teams that are deployed, in the order of ``teams``, or of the settings.

    Raises: BadInputError if a team is unknown or was never deployed.
    """
    from settings.derived.stack_graph import StackIdentity

    for team in teams:
        select(project.graph, Selection(teams=(team,)))
    found: dict[str, list[str]] = {team: [] for team in teams}
    for stack in project.graph:
        owner = StackIdentity.parse(stack).team
        if owner is not None and (owner in found or not teams):
            found.setdefault(owner, []).append(stack)
    deployed = resources_by_stack(project, list(found))
    never = [team for team in found if not deployed[team]]
    if never and teams:
        raise BadInputError(f"never deployed: {', '.join(never)}; run `plinth up --team {never[0]}`")
    return {team: own for team, own in found.items() if team not in never}


def _exit_code(due: Sequence[str], ended: Sequence[Upgraded]) -> ExitCode:
    faulty = [upgraded for upgraded in ended if upgraded.fault]
    if not faulty:
        return ExitCode.OK
    done = [upgraded.team for upgraded in ended if not upgraded.fault]
    left = " ".join(f"--team {team}" for team in due if team not in done)
    click.echo(
        f"Upgraded: {', '.join(done) or 'none'}. Correct the cause, then continue with `plinth upgrade {left}`.",
        err=True,
    )
    return ExitCode.INTERRUPTED if any(upgraded.was_interrupted for upgraded in faulty) else ExitCode.FAILED


@dataclass(frozen=True, kw_only=True, slots=True)
class _Deployment:
    """Runs the engine and writes the team catalog."""

    project: Project
    prepared: PreparedProcess
    jobs: int | None
    stream: TextIO
    """Where progress and problems are printed."""

    def preview_unless_unchanged(self, stacks: Sequence[str]) -> Mapping[str, Outcome]:
        return self._run(Action.PREVIEW, stacks, diff=True, skip=True)

    def preview(self, stacks: Sequence[str]) -> Mapping[str, Outcome]:
        return self._run(Action.PREVIEW, stacks, diff=True)

    def update(self, stacks: Sequence[str], approved: Mapping[str, Sequence[str]]) -> Mapping[str, Outcome]:
        return self._run(Action.UP, stacks, approved=approved)

    def compare(self, stacks: Sequence[str]) -> Mapping[str, Outcome]:
        return self._run(Action.PREVIEW, stacks, refresh=True)

    def recorded(self, team: str) -> str:
        """Returns the version of a team in the team catalog; empty without a record."""
        from selfservice.catalog.team_records import TeamRecords
        from selfservice.request_runner.deployed_tables import deployed_catalog

        catalog = deployed_catalog(self.project)
        return "" if catalog is None else TeamRecords(catalog).version_of(team)

    def record(self, team: str) -> None:
        from selfservice.cli.commands.catalog.rebuild import write_record
        from selfservice.request_runner.deployed_tables import deployed_catalog

        catalog = deployed_catalog(self.project)
        if catalog is not None:
            write_record(self.project, catalog, team)

    def _run(
        self,
        action: Action,
        stacks: Sequence[str],
        *,
        diff: bool = False,
        refresh: bool = False,
        skip: bool = False,
        approved: Mapping[str, Sequence[str]] | None = None,
    ) -> Mapping[str, Outcome]:
        options = RunOptions(
            action=action,
            stacks=list(stacks),
            refresh=refresh,
            diff=diff,
            jobs=self.jobs,
            skip=skip,
            approved=approved,
        )
        result = run_operations(
            self.project,
            options,
            self.prepared,
            partial(progress_listener, self.stream, action),
            partial(print, file=self.stream, flush=True),
        )
        report = Report(action=action, outcomes=result.outcomes, seconds=result.seconds, logs=result.logs)
        if report.problems:
            print(f"\n{report.problems}\n", file=self.stream, flush=True)
        return result.outcomes
