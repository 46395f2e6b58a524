"""``plinth data``: the group and the list of its commands."""

from __future__ import annotations

import click

from selfservice.cli.lazy_group import LazyCommand, LazyGroup

_MODULES = "selfservice.cli.commands.data"
_COMMANDS = {
    "freshness": LazyCommand(f"{_MODULES}.freshness:freshness", "Show when datasets were last produced."),
    "grants": LazyCommand(f"{_MODULES}.grants:grants", "List who can read what, and why."),
    "list": LazyCommand(f"{_MODULES}.list_datasets:list_datasets", "List the datasets and feature groups."),
    "search": LazyCommand(f"{_MODULES}.search:search", "Find datasets and feature groups by keyword."),
    "show": LazyCommand(f"{_MODULES}.show:show", "Show one dataset or feature group."),
}


@click.group("data", cls=LazyGroup, lazy_commands=_COMMANDS)
def data() -> None:
    """Show datasets, their lineage and who can read them."""
