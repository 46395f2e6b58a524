"""``plinth up``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.cli.operate import Request, operate
from selfservice.errors import ExitCode
from selfservice.operations.operation import Action
from selfservice.runner.selection import Selection


@click.command("up", cls=ProjectCommand)
@options.stack_selection
@options.with_needs
@options.policy_packs
@click.option(
    "--refresh/--no-refresh",
    default=True,
    help="Read the resources from AWS first and correct drift. On by default.",
)
@options.skip_unchanged
@options.confirmed
@options.remote
@options.lock_timeout
@options.execution
@click.pass_obj
def up(
    directory: Path,
    /,
    *,
    selection: Selection,
    with_needs: bool,
    policy_packs: tuple[Path, ...],
    refresh: bool,
    skip: bool,
    yes: bool,
    remote: bool,
    jobs: int | None,
    time_limit: int,
    lock_timeout: int,
    parallel: int,
    as_json: bool,
) -> ExitCode:
    """Create or update stacks.

    A stack starts when the selected stacks that it depends on are done. Plinth previews each stack with the policy
    packs first. It updates the stack only if there are changes, no policy refuses them, and no data would be deleted
    without a waiver in the settings.
    """
    request = Request(
        action=Action.UP,
        selection=selection,
        with_needs=with_needs,
        policy_packs=policy_packs,
        refresh=refresh,
        skip=skip,
        confirmed=yes,
        remote=remote,
        jobs=jobs,
        time_limit=time_limit,
        lock_timeout=lock_timeout,
        parallel=parallel,
        as_json=as_json,
    )
    return operate(directory, request)
