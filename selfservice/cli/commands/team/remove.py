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
from selfservice.formatting import counted
from selfservice.removal.leftovers import with_leftovers
from selfservice.removal.team_removal import Removal, files_of, files_without_team, plan_removal, settings_that_name
from selfservice.runner.operation import Action
from selfservice.runner.project import Project, find_directory, open_project, require_engine
from selfservice.runner.session import RunOptions, run_operations
from selfservice.runner.states import existing_stacks, remove_states


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
        click.echo(_described(removal))
    if preventing:
        raise RefusedError("\n".join(preventing))
    if dry_run:
        click.echo("Nothing prevents the removal. Nothing was changed.")
        return ExitCode.OK
    click.echo(_described(removal))
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
    click.echo(_remaining(removal))
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


def _described(removal: Removal) -> str:
    """Returns what the removal does, one subject a line."""
    resources = counted(sum(removal.stacks.values()), "resource")
    lines = [f"Team {removal.team}: {counted(len(removal.stacks), 'stack')} with {resources}"]
    if removal.published:
        lines.append(f"  updated first, because they share data with it: {', '.join(removal.published)}")
    for stack in reversed(list(removal.stacks)):
        lines.append(f"  destroyed: {stack} ({counted(removal.stacks[stack], 'resource')})")
    lines += [f"  deleted with everything in it: bucket {bucket}" for bucket in removal.buckets]
    lines += [f"  deleted: {file.name}" for file in removal.files]
    lines += [f"  stays, in the tooling account: {kept}" for kept in _kept(removal)]
    lines += [f"  stays, in the unit Suspended: account {name} ({id_})" for name, id_ in removal.accounts.items()]
    return "\n".join(lines)


def _kept(removal: Removal) -> list[str]:
    return [name for names in removal.kept.values() for name in names]


def _remaining(removal: Removal) -> str:
    """Returns what is left of the team, and what a person can do with it."""
    kept = "".join(f"\n  {name}" for name in _kept(removal))
    durable = f"\nIts code, images and models stay in the tooling account:{kept}" if kept else ""
    if not removal.accounts:
        return f"Team {removal.team} is removed. It had no accounts of its own.{durable}"
    listed = "\n  ".join(f"{name} ({id_})" for name, id_ in removal.accounts.items())
    return (
        f"Team {removal.team} is removed. Nothing is left of it but its accounts, in the unit Suspended:\n  {listed}\n"
        "Close them in the console of AWS Organizations if nobody needs them any more; AWS never releases the address "
        f"of a closed account. A new team of the same name gets them back.{durable}"
    )
