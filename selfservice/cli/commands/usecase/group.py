"""``plinth usecase``: the group and the list of its commands."""

from __future__ import annotations

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

_MODULES = "selfservice.cli.commands.usecase"
_COMMANDS = {
    "builds": LazyCommand(f"{_MODULES}.builds:builds", "List the builds of a use case."),
    "create": LazyCommand(f"{_MODULES}.create:create", "Write the settings of a use case with repositories."),
    "list": LazyCommand(f"{_MODULES}.list_use_cases:list_use_cases", "List the use cases of the teams."),
    "models": LazyCommand(f"{_MODULES}.models:models", "List the model versions of a use case."),
    "runs": LazyCommand(f"{_MODULES}.runs:runs", "List the pipeline runs of a use case in development."),
}


@click.group("usecase", cls=LazyGroup, lazy_commands=_COMMANDS)
def usecase() -> None:
    """Create use cases, and show their builds, runs and models."""
