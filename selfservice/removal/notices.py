"""Tells which teams were left behind without a settings file, and what to do about them."""

from __future__ import annotations

from pathlib import Path

from selfservice.errors import BadInputError
from selfservice.fingerprints.layout import Layout
from selfservice.projects.project import find_directory
from selfservice.removal.leftovers import teams_without_file

_SHOWN = 3
"""Number of stacks of a team in the message."""


def notices(directory: Path) -> list[str]:
    """Returns a line for each deployed team without a settings file, in the project around a directory."""
    from yaml import YAMLError

    try:
        project = find_directory(directory)
        left = teams_without_file(project)
        folder = Layout.of(project).settings_directory
    except (BadInputError, YAMLError, OSError, KeyError, AttributeError):
        return []  # the command itself says what is wrong with the project
    return [_notice(team, stacks, folder, project) for team, stacks in left.items()]


def _notice(team: str, stacks: list[str], folder: Path, project: Path) -> str:
    more = f" and {len(stacks) - _SHOWN} more" if len(stacks) > _SHOWN else ""
    file = folder / f"Pulumi.{team}.yaml"
    shown = file.relative_to(project) if file.is_relative_to(project) else file
    return (
        f"team {team} has no settings file, but is deployed ({', '.join(stacks[:_SHOWN])}{more}): restore {shown}, "
        f"or run `plinth team remove {team}`"
    )
