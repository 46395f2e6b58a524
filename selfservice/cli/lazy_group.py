"""A click group that imports the module of a subcommand only when the subcommand is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click

_UNCUT = 1000
"""Limit of the help of a command in a list. The formatter wraps it, so that nothing is cut."""


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A subcommand that is not imported yet."""

    target: str
    """Where the click command is defined, as ``module:attribute``."""
    short_help: str
    """The line in the group's list of commands."""

    def load(self) -> click.Command:
        """Imports and returns the click command."""
        module, _, attribute = self.target.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command), f"{self.target} is not a click command"
        return command


class LazyGroup(click.Group):
    """A group that lists its subcommands without importing them."""

    def __init__(
        self,
        *arguments: Any,
        lazy_commands: Mapping[str, LazyCommand],
        plugins: str | None = None,
        **options: Any,
    ) -> None:
        """Declares the group.

        ``plugins`` is the name of an entry point group: other distributions add a subcommand with an entry point in it.
        """
        super().__init__(*arguments, **options)
        self.lazy_commands = lazy_commands
        self._plugins = plugins

    def list_commands(self, context: click.Context) -> list[str]:
        """Returns the names of the subcommands; plugins come last."""
        own = sorted([*super().list_commands(context), *self.lazy_commands])
        return [*own, *sorted(self._plugin_entry_points())]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Imports and returns a subcommand; None if there is none of this name."""
        if name in self.lazy_commands:
            return self.lazy_commands[name].load()
        entry_point = self._plugin_entry_points().get(name)
        if entry_point is None:
            return super().get_command(context, name)
        command = entry_point.load()
        assert isinstance(command, click.Command), f"{entry_point.value} is not a click command"
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands. Only plugins are imported for it."""
        rows = [(name, self._short_help(context, name)) for name in self.list_commands(context)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _short_help(self, context: click.Context, name: str) -> str:
        if name in self.lazy_commands:
            return self.lazy_commands[name].short_help
        command = self.get_command(context, name)
        return command.get_short_help_str(_UNCUT) if command is not None else ""

    def _plugin_entry_points(self) -> Mapping[str, EntryPoint]:
        found = () if self._plugins is None else entry_points(group=self._plugins)
        return {entry_point.name: entry_point for entry_point in found}
