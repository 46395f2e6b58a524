"""``plinth audit``: the group and the list of its commands."""

from __future__ import annotations

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

_MODULES = "selfservice.cli.commands.audit"
_COMMANDS = {
    "answer": LazyCommand(f"{_MODULES}.answer:answer", "Print the answer to a question that was asked before."),
    "ask": LazyCommand(f"{_MODULES}.ask:ask", "Ask a question about the organization's trail."),
    "questions": LazyCommand(f"{_MODULES}.questions:questions", "List the questions about the organization's trail."),
}


@click.group("audit", cls=LazyGroup, lazy_commands=_COMMANDS)
def audit() -> None:
    """Ask who did what in the accounts of the organization.

    Needs credentials of the permission set Auditor-record, in the account of the trail.
    """
