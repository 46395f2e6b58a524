"""``plinth preview``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.cli.operate import Request, operate
from selfservice.errors import ExitCode
from selfservice.operations.operation import Action
from selfservice.runner.selection import Selection


@click.command("preview", cls=ProjectCommand)
@options.stack_selection
@options.with_needs
@options.policy_packs
@click.option("--refresh", is_flag=True, help="Read the resources from AWS first and show drift.")
@click.option("--diff", is_flag=True, help="Show the old and the new value of each changed property.")
@click.option("--expect-no-changes", is_flag=True, help="Exit with 4 if there are changes or drift.")
@options.read_only
@options.skip_unchanged
@options.remote
@options.execution
@click.pass_obj
def preview(
    directory: Path,
    /,
    *,
    selection: Selection,
    with_needs: bool,
    policy_packs: tuple[Path, ...],
    refresh: bool,
    diff: bool,
    expect_no_changes: bool,
    read_only: bool,
    skip: bool,
    remote: bool,
    jobs: int | None,
    time_limit: int,
    parallel: int,
    as_json: bool,
) -> ExitCode:
    """Preview the changes that `up` would make.

    The policy packs check every resource. Nothing changes in AWS.
    """
    request = Request(
        action=Action.PREVIEW,
        selection=selection,
        with_needs=with_needs,
        policy_packs=policy_packs,
        refresh=refresh,
        diff=diff,
        expect_no_changes=expect_no_changes,
        read_only=read_only,
        skip=skip,
        remote=remote,
        jobs=jobs,
        time_limit=time_limit,
        parallel=parallel,
        as_json=as_json,
    )
    return operate(directory, request)
