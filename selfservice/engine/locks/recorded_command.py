"""The engine's command line, which records each engine that it starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from typing import Any

from pulumi import automation

from selfservice.engine.locks.engine_records import recorded


class RecordedCommand(automation.PulumiCommand):
    """Runs commands of the engine, and records their processes, so that the locks of killed ones can be broken."""

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> automation.CommandResult:
        """Runs a command of the engine. Raises: automation.CommandError."""
        with recorded([self.command, "--non-interactive", *args]) as (program, *arguments):
            shell = copy(self)
            shell.command = program
            return super(RecordedCommand, shell).run(arguments, cwd, additional_env, on_output, on_error)
