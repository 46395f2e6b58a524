"""``plinth destroy``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.cli.operate import Request, operate
from selfservice.errors import ExitCode
from selfservice.operations.operation import Action
from selfservice.runner.selection import Selection


@click.command("destroy", cls=ProjectCommand)
@options.stack_selection
@click.option("--refresh/--no-refresh", default=False, help="Read the resources from AWS first. Off by default.")
@click.option("--with-dependents", is_flag=True, help="Also destroy the deployed stacks that depend on these.")
@options.confirmed
@options.remote
@options.lock_timeout
@options.execution
@click.pass_obj
def destroy(
    directory: Path,
    /,
    *,
    selection: Selection,
    refresh: bool,
    with_dependents: bool,
    yes: bool,
    remote: bool,
    jobs: int | None,
    time_limit: int,
    lock_timeout: int,
    parallel: int,
    as_json: bool,
) -> ExitCode:
    """Delete the resources of stacks.

    Dependent stacks are destroyed first. Plinth refuses to destroy the stack `organization`, stacks with protected
    resources, and stacks on which other deployed stacks depend that you did not select. In production and in stacks
    that outlive environments, resources that hold data need waivers in the settings. Accounts stay in the organization,
    in the unit Suspended.
    """
    request = Request(
        action=Action.DESTROY,
        selection=selection,
        refresh=refresh,
        with_dependents=with_dependents,
        confirmed=yes,
        remote=remote,
        jobs=jobs,
        time_limit=time_limit,
        lock_timeout=lock_timeout,
        parallel=parallel,
        as_json=as_json,
    )
    return operate(directory, request)
