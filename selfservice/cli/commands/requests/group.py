"""``plinth requests``: the group and the list of its commands."""

from __future__ import annotations

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

_MODULES = "selfservice.cli.commands.requests"
_COMMANDS = {
    "approve": LazyCommand(
        f"{_MODULES}.decide:approve", "Approve a request for a team, as another person than its requester."
    ),
    "list": LazyCommand(f"{_MODULES}.list_requests:list_requests", "List requests with state, result and reason."),
    "reject": LazyCommand(f"{_MODULES}.decide:reject", "Reject a request for a team."),
    "run": LazyCommand(f"{_MODULES}.run:run", "Carry out what people have requested."),
    "show": LazyCommand(
        f"{_MODULES}.show:show", "Show a request for a team: its preview, decisions, steps and result."
    ),
}


@click.group("requests", cls=LazyGroup, lazy_commands=_COMMANDS)
def requests() -> None:
    """List, approve and run requests."""
