"""Options that several commands share, as decorators."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., Any])


def stack_selection(function: Function) -> Function:
    """Adds the arguments ``stacks``, ``team`` and ``everything``, which select the stacks to operate on."""
    function = click.option("--all", "everything", is_flag=True, help="Select every stack of the settings.")(function)
    function = click.option("--team", metavar="T", help="Select the stacks of one team.")(function)
    return click.argument("stacks", nargs=-1, metavar="[STACK]...")(function)


def execution(function: Function) -> Function:
    """Adds the arguments ``jobs``, ``parallel`` and ``as_json`` of commands that run the engine."""
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
    return click.option(
        "--jobs",
        type=click.IntRange(min=1),
        help="Number of stacks to run in parallel. Default: as many as processors and memory allow.",
    )(function)


policy_packs = click.option(
    "--policy-pack",
    "policy_packs",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Enable another policy pack beside those of the project. Can be repeated.",
)
skip_unchanged = click.option(
    "--skip/--no-skip",
    default=True,
    help="With --all and without a refresh, do not run stacks whose inputs did not change. Default: --skip.",
)
confirmed = click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
