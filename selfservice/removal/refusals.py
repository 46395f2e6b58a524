"""Tells what prevents a removal: predictions that are served, data shared with a team, protected resources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from selfservice.checks.protection import refuse_protected
from selfservice.errors import RefusedError
from selfservice.projects.project import Project
from selfservice.removal.served_use_cases import what_is_served
from selfservice.removal.team_removal import Removal


def refusals(project: Project, removal: Removal, naming: Sequence[str]) -> Iterator[str]:
    """Yields a message for each kind of obstacle, with every item.

    ``naming`` are the lines about settings that share data with the team.
    """
    if serving := list(what_is_served(project, removal.kept)):
        yield _listed(f"nothing was removed, because the {removal.kind} serves predictions:", serving)
    if naming:
        shared = f"data is shared with {removal.subject}"
        yield _listed(f"nothing was removed, because {shared}; remove these from the settings:", naming)
    try:
        refuse_protected(project, [stack for stack in removal.stacks if stack not in removal.kept])
    except RefusedError as refusal:
        yield str(refusal)


def _listed(reason: str, items: Sequence[str]) -> str:
    return "\n  ".join([reason, *items])
