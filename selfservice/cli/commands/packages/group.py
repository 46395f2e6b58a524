"""``plinth packages``: the group and the list of its commands."""

from __future__ import annotations

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

_MODULES = "selfservice.cli.commands.packages"
_COMMANDS = {
    "allow": LazyCommand(f"{_MODULES}.allow:allow", "Allow versions of public packages."),
    "build": LazyCommand(f"{_MODULES}.build:build", "Build the wheel of the library of the use cases."),
    "publish": LazyCommand(
        f"{_MODULES}.publish:publish", "Publish the library to the package repository of the organization."
    ),
}


@click.group("packages", cls=LazyGroup, lazy_commands=_COMMANDS)
def packages() -> None:
    """Publish the library, and allow packages."""
