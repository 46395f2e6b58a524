"""Options that several commands share, as decorators."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from selfservice.cli import completion
from selfservice.operations.limits import DEFAULT_MINUTES
from selfservice.operations.operation import DEFAULT_LOCK_MINUTES
from selfservice.runner.selection import Selection
from settings.types.kinds import RELEASED_TO

Function = TypeVar("Function", bound=Callable[..., Any])


def stack_selection(function: Function) -> Function:
    """Adds the arguments that select the stacks to operate on. The command gets them as ``selection``."""

    @wraps(function)
    def command(
        *arguments: Any, stacks: tuple[str, ...], teams: tuple[str, ...], everything: bool, **others: Any
    ) -> Any:
        selection = Selection(stacks=stacks, teams=teams, everything=everything)
        return function(*arguments, selection=selection, **others)

    for declare in (
        click.option("--all", "everything", is_flag=True, help="Select every stack of the settings."),
        click.option(
            "--team",
            "teams",
            metavar="T",
            multiple=True,
            shell_complete=completion.teams,
            help="Select the stacks of a team. Can be repeated, and combined with stacks.",
        ),
        click.argument("stacks", nargs=-1, metavar="[STACK]...", shell_complete=completion.stacks),
    ):
        command = declare(command)
    return command  # type: ignore[return-value] # click reads the options from the wrapper


def _minutes(name: str, *, least: int, default: int, help_: str) -> Callable[[Function], Function]:
    return click.option(
        name, metavar="MINUTES", type=click.IntRange(min=least), default=default, show_default=True, help=help_
    )


time_limit = _minutes(
    "--time-limit",
    least=1,
    default=DEFAULT_MINUTES,
    help_="Stop the operation on a stack after this time. The next run continues it.",
)

lock_timeout = _minutes(
    "--lock-timeout",
    least=0,
    default=DEFAULT_LOCK_MINUTES,
    help_="Wait this long for an update of the stack that another machine or shell runs.",
)


def execution(function: Function) -> Function:
    """Adds the arguments ``jobs``, ``parallel``, ``time_limit`` and ``as_json`` of commands that run the engine."""
    function = click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="Print one JSON document to standard output, and progress to standard error.",
    )(function)
    function = click.option(
        "--parallel",
        type=click.IntRange(min=1),
        default=16,
        show_default=True,
        help="Number of resources of one stack to process in parallel.",
    )(function)
    function = time_limit(function)
    return click.option(
        "--jobs",
        type=click.IntRange(min=1),
        help="Number of stacks to run in parallel. Default: as many as processors and memory allow.",
    )(function)


with_needs = click.option(
    "--with-needs", is_flag=True, help="Also select the stacks that these depend on and that were never deployed."
)
policy_packs = click.option(
    "--policy-pack",
    "policy_packs",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Enable another policy pack beside those of the project. Can be repeated.",
)
read_only = click.option(
    "--read-only",
    is_flag=True,
    help="Enter accounts with the roles for reviews, which change nothing, and copy the states before using them.",
)
remote = click.option(
    "--remote", is_flag=True, help="Run each operation as a Job in the Kubernetes cluster of the tooling account."
)
skip_unchanged = click.option(
    "--skip/--no-skip",
    default=True,
    help="With --all and without a refresh, do not run stacks whose inputs did not change. On by default.",
)
confirmed = click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
released_in = click.option(
    "--in", "environment", type=click.Choice(RELEASED_TO), default="production", show_default=True, help="Environment."
)
role = click.option("--role", metavar="ARN", help="Role to assume. Default: the credentials of the shell.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
use_case = click.argument("use_case", metavar="TEAM--NAME", shell_complete=completion.use_cases)
