"""``plinth catalog``: the group and the list of its commands."""

from __future__ import annotations

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

_MODULES = "selfservice.cli.commands.catalog"
_COMMANDS = {
    "evidence": LazyCommand(f"{_MODULES}.read:evidence", "Show what was kept of former teams and use cases."),
    "list": LazyCommand(f"{_MODULES}.read:list_teams", "List the teams of the team catalog."),
    "rebuild": LazyCommand(
        f"{_MODULES}.rebuild:rebuild",
        "Write teams and requests from settings and history into the catalog.",
    ),
    "show": LazyCommand(f"{_MODULES}.read:show", "Show a team of the team catalog."),
}


@click.group("catalog", cls=LazyGroup, lazy_commands=_COMMANDS)
def catalog() -> None:
    """Find teams by account or owner, and rebuild the team catalog."""
