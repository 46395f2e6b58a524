"""``plinth requests``: the group and the list of its commands."""

from __future__ import annotations

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

_MODULES = "selfservice.cli.commands.requests"
_COMMANDS = {
    "list": LazyCommand(
        f"{_MODULES}.list_requests:list_requests",
        "List requests for use cases with state, result and reason.",
    ),
    "run": LazyCommand(f"{_MODULES}.run:run", "Create the use cases that lead data scientists have requested."),
}


@click.group("requests", cls=LazyGroup, lazy_commands=_COMMANDS)
def requests() -> None:
    """List and run requests for use cases."""
