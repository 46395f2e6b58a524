"""``plinth usecase``: the group and the list of its commands."""

from __future__ import annotations

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

_MODULES = "selfservice.cli.commands.usecase"
_COMMANDS = {
    "clone": LazyCommand(f"{_MODULES}.clone:clone", "Clone a repository of a use case, ready to commit and push."),
    "create": LazyCommand(
        f"{_MODULES}.create:create", "Create a use case with a first commit in its build repository."
    ),
    "list": LazyCommand(f"{_MODULES}.list_use_cases:list_use_cases", "List the use cases of the teams."),
    "request": LazyCommand(
        f"{_MODULES}.request:request", "Request a use case of your team, as its lead data scientist."
    ),
    "retire": LazyCommand(f"{_MODULES}.retire:retire", "Delete what a use case serves in its environments."),
    "show": LazyCommand(f"{_MODULES}.show:show", "Show a use case with its newest build, run and model."),
    "templates": LazyCommand(
        f"{_MODULES}.templates:templates", "List the templates that requests for use cases may name."
    ),
}


@click.group("usecase", cls=LazyGroup, lazy_commands=_COMMANDS)
def usecase() -> None:
    """Create, request, clone, show and retire use cases."""
