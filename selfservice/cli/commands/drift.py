"""``plinth drift``."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.cli.progress import progress_listener
from selfservice.cli.report import Report
from selfservice.errors import BadInputError, ExitCode
from selfservice.forks.prepared import PreparedProcess
from selfservice.operations.operation import Action
from selfservice.projects.project import Project, open_project, require_engine
from selfservice.projects.states import resources_by_stack
from selfservice.reports.drift import DriftReport
from selfservice.runner.selection import Selection, select
from selfservice.runner.session import RunOptions, run_operations
from selfservice.undeclared.accounts import find_undeclared


@click.command("drift", cls=ProjectCommand)
@options.stack_selection
@click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Also write the report as Markdown to a file, for an issue or the summary of a pipeline.",
)
@click.option(
    "--declared-only",
    is_flag=True,
    help="Compare the resources of stacks only, and do not search accounts for what no stack declares.",
)
@options.read_only
@options.execution
@click.pass_obj
def drift(
    directory: Path,
    /,
    *,
    selection: Selection,
    output: Path | None,
    declared_only: bool,
    read_only: bool,
    jobs: int | None,
    time_limit: int,
    parallel: int,
    as_json: bool,
) -> ExitCode:
    """Show what somebody changed or added in AWS.

    Compares deployed stacks with AWS in parallel, all of them unless some are named, and reports by team. Then searches
    the accounts of these stacks for what opens data or powers and no stack declares, and reports the worst first.
    Nothing changes in AWS. A stack that cannot be compared does not hold up others. Exits with 4 if there is drift or a
    finding, and with 1 if something could not be read.
    """
    project = replace(open_project(directory), read_only=read_only)
    require_engine(project.directory)
    if not (selection.stacks or selection.teams):
        selection = Selection(everything=True)
    selected = select(project.graph, selection)
    deployed = [stack for stack, held in resources_by_stack(project, selected).items() if held]
    run = RunOptions(
        action=Action.PREVIEW,
        stacks=deployed,
        refresh=True,
        diff=True,
        parallel=parallel,
        jobs=jobs,
        time_limit_minutes=time_limit,
        independent=True,
    )
    stream = sys.stderr if as_json else sys.stdout
    with closing(PreparedProcess()) as prepared:
        result = run_operations(
            project,
            run,
            prepared,
            partial(progress_listener, stream, Action.PREVIEW),
            partial(print, file=stream, flush=True),
        )
    if not declared_only:
        print("searching the accounts for what no stack declares", file=stream, flush=True)
    found = DriftReport(
        outcomes=result.outcomes,
        teams=_teams(project),
        not_deployed=tuple(stack for stack in selected if stack not in deployed),
        beyond=None if declared_only else find_undeclared(project, deployed),
    )
    if output is not None:
        _write(output, found.as_markdown())
    report = Report(action=Action.PREVIEW, outcomes=result.outcomes, seconds=result.seconds, logs=result.logs)
    if as_json:
        click.echo(found.as_json())
    else:
        click.echo(f"\n{report.problems}\n" if report.problems else "")
        click.echo(found.as_text())
    if report.exit_code is not ExitCode.OK:
        return report.exit_code
    return found.exit_code


def _teams(project: Project) -> dict[str, str]:
    from settings.derived.stack_graph import StackIdentity

    teams = {stack: StackIdentity.parse(stack).team for stack in project.graph}
    return {stack: team for stack, team in teams.items() if team is not None}


def _write(output: Path, text: str) -> None:
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInputError(f"--output: {error.strerror}: {output}") from None
