"""Completes names of stacks, teams, use cases and datasets in a shell. A completion never fails or calls the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.errors import BadInputError

if TYPE_CHECKING:
    from settings.derived.foundation import Foundation


def stacks(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Returns the stacks that begin with ``incomplete``."""
    return _matching(context, incomplete, lambda settings: settings.overview.graph)


def teams(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Returns the teams that begin with ``incomplete``."""
    return _matching(context, incomplete, lambda settings: settings.teams)


def use_cases(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Returns the stacks of use cases that begin with ``incomplete``."""
    from settings.derived.stack_graph import StackIdentity

    return _matching(
        context,
        incomplete,
        lambda settings: [
            stack for stack in settings.overview.graph if StackIdentity.parse(stack).use_case is not None
        ],
    )


def datasets(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Returns the datasets and feature groups that begin with ``incomplete``."""
    return _matching(context, incomplete, lambda settings: [*settings.datasets, *settings.feature_groups])


def valid_settings(directory: Path) -> Foundation | None:
    """Returns the settings; None if there are none, or they are not valid."""
    from selfservice.projects.project import find_directory
    from settings.files.validation_cache import load_cached
    from settings.types.errors import SettingsError

    try:
        return load_cached(find_directory(directory))
    except (BadInputError, SettingsError):
        return None


def _matching(context: click.Context, incomplete: str, names: Callable[[Foundation], Iterable[str]]) -> list[str]:
    """Returns the names that are not on the command line yet; none if the settings are not valid."""
    settings = valid_settings(context.find_root().params.get("directory") or Path())
    if settings is None:
        return []
    given = {name for value in context.params.values() if isinstance(value, tuple) for name in value}
    return [name for name in names(settings) if name.startswith(incomplete) and name not in given]
