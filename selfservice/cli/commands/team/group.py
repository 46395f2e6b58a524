"""``plinth team``: the group and the list of its commands."""

from __future__ import annotations

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

_MODULES = "selfservice.cli.commands.team"
_COMMANDS = {
    "add": LazyCommand(f"{_MODULES}.add:add", "Write the settings file of a new team."),
    "decommission": LazyCommand(f"{_MODULES}.decommission:decommission", "Request that a team is decommissioned."),
    "request": LazyCommand(f"{_MODULES}.request:request", "Request a team, a use case, or the end of one."),
    "remove": LazyCommand(f"{_MODULES}.remove:remove", "Destroy what a team has, and delete its settings."),
}


@click.group("team", cls=LazyGroup, lazy_commands=_COMMANDS)
def team() -> None:
    """Add, request and remove teams."""
