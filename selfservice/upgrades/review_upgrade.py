"""Reviews the request to upgrade a team: previews all its stacks with the installed version, and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from selfservice.changes.requested.base import RequestForTeam
from selfservice.changes.review_change import Preview, review_settings
from selfservice.changes.reviewed_change import ReviewedChange
from selfservice.changes.settings_change import settings_change
from selfservice.errors import BadInputError
from selfservice.operations.operation import Outcome
from selfservice.projects.project import open_project
from selfservice.projects.states import resources_by_stack
from selfservice.upgrades.shared_stacks import refuse_outdated_shared


def review_upgrade(
    directory: Path,
    request: RequestForTeam,
    wanted: str,
    folder: Path,
    preview: Preview,
    preview_shared: Preview,
    *,
    recorded: str,
) -> ReviewedChange:
    """Returns the review of a request for the version ``wanted``. ``folder`` gets a copy of the project.

    ``preview_shared`` previews shared stacks, and may leave out those that are known to be unchanged. ``recorded`` is
    the version of the team in the team catalog; empty if it has no record. A team that has the version, and none of
    whose stacks would change, needs nothing, so its review has no stacks.

    Raises: BadInputError for another version than the installed one, or for a team that is not deployed; RefusedError
    if a shared stack has to be upgraded before.
    """
    if wanted != (installed := version("plinth")):
        raise BadInputError(
            f"version {wanted} is not installed: the runner has {installed}; install {wanted} for it, or request "
            f"{installed}"
        )
    change, project = settings_change(directory, request), open_project(directory)
    own = [stack.name for stack in change.foundation.stacks if stack.team == request.team]
    if not own:
        raise BadInputError(f"{request.team} is not a team of the settings")
    if not resources_by_stack(project, [request.team])[request.team]:
        raise BadInputError(f"{request.team} was never deployed; request it as a new team")
    refuse_outdated_shared(project.graph, own, lambda stacks: preview_shared(project, stacks))
    reasons = dict.fromkeys(own, f"is upgraded to {installed}")
    reviewed = review_settings(directory, request, change, folder, preview, reasons)
    if _has_changes(reviewed.review.outcomes) or reviewed.refusals or recorded not in ("", installed):
        return reviewed
    return replace(reviewed, review=replace(reviewed.review, reasons={}))


def _has_changes(outcomes: Mapping[str, Outcome]) -> bool:
    return any(outcome.changes for outcome in outcomes.values())
