"""``plinth team remove``."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import click

from selfservice.cli import answers, completion
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.cli.progress import progress_listener
from selfservice.cli.report import Report
from selfservice.errors import BadInputError, ExitCode, RefusedError
from selfservice.fingerprints.layout import Layout
from selfservice.fingerprints.store import Store
from selfservice.forks.prepared import PreparedProcess
from selfservice.operations.operation import Action
from selfservice.projects.project import Project, find_directory, open_project, require_engine
from selfservice.projects.states import existing_stacks, remove_states
from selfservice.removal.leftovers import with_leftovers
from selfservice.removal.removal_text import described, remaining
from selfservice.removal.team_removal import files_of, files_without_team, plan_removal, settings_that_name
from selfservice.runner.session import RunOptions, run_operations


@click.command("remove", cls=ExitCodeCommand)
@click.argument("name", shell_complete=completion.teams)
@click.option("--confirm", metavar="NAME", help="The name of the team, instead of typing it when asked.")
@click.option("--dry-run", is_flag=True, help="Only list what the removal does, and everything that prevents it.")
@click.pass_obj
def remove(directory: Path, /, *, name: str, confirm: str | None, dry_run: bool) -> ExitCode:
    """Destroy what a team has, and delete its settings.

    Lists stacks, accounts and data first, and asks for the name of the team. It also removes a team whose settings file
    is gone. The accounts stay in the organization, in the unit Suspended. Code, images and models of its use cases stay
    in the tooling account. Run it again if it was interrupted.
    """
    from selfservice.removal.refusals import refusals
    from settings.files.validation_cache import load_cached

    where = find_directory(directory)
    folder = Layout.of(where).settings_directory
    useless = files_without_team(folder, name)
    project = with_leftovers(open_project(where, omitted=[file.name for file in useless]))
    require_engine(where)
    removal = plan_removal(project, name, sorted(existing_stacks(project)))
    naming = [] if useless else settings_that_name(load_cached(where), name)
    preventing = list(refusals(project, removal, naming))
    if dry_run:
        click.echo(described(removal))
    if preventing:
        raise RefusedError("\n".join(preventing))
    if dry_run:
        click.echo("Nothing prevents the removal. Nothing was changed.")
        return ExitCode.OK
    click.echo(described(removal))
    _ask(name, confirm)
    for file in useless:
        file.unlink()
    with closing(PreparedProcess()) as prepared:
        for action, stacks in ((Action.UP, removal.published), (Action.DESTROY, tuple(removal.stacks))):
            code = _run(project, action, stacks, prepared, removal.kept)
            if code is not ExitCode.OK:
                click.echo(f"{name} is not removed yet: run the command again", err=True)
                return code
    remove_states(project, removal.states, with_resources=removal.kept)
    for stack in removal.states:
        Store(project.fingerprints).forget(stack)
    for file in files_of(folder, name):  # the engine has written some again
        file.unlink()
    click.echo(remaining(removal))
    return ExitCode.OK


def _run(
    project: Project, action: Action, stacks: Sequence[str], prepared: PreparedProcess, kept: Collection[str]
) -> ExitCode:
    if not stacks:
        return ExitCode.OK
    options = RunOptions(action=action, stacks=list(stacks), refresh=action is Action.UP, keeping=kept)
    result = run_operations(
        project, options, prepared, partial(progress_listener, sys.stdout, action), partial(print, flush=True)
    )
    report = Report(action=action, outcomes=result.outcomes, seconds=result.seconds, logs=result.logs)
    click.echo(f"\n{report.as_text()}")
    return report.exit_code


def _ask(name: str, confirm: str | None) -> None:
    """Raises BadInputError unless the user gives the name of the team."""
    if confirm is None:
        if not answers.is_terminal():
            raise BadInputError(f"nothing was removed: to remove {name}, pass --confirm {name}")
        confirm = click.prompt(f"Type {name} to remove it", err=True)
    if confirm != name:
        raise BadInputError(f"nothing was removed: {confirm} is not {name}")
