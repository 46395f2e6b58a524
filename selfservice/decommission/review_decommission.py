"""Reviews a decommission or a retirement: lists what it deletes, previews what it updates, changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from selfservice.changes.requested.base import RequestForTeam, RequestForUseCase
from selfservice.changes.review_change import Preview, review_settings
from selfservice.changes.settings_change import settings_change
from selfservice.decommission.deletions import deletions
from selfservice.decommission.reviewed_decommission import ReviewedDecommission
from selfservice.errors import BadInputError
from selfservice.projects.project import Project, open_project
from selfservice.projects.states import existing_stacks, resources_by_stack
from selfservice.removal.leftovers import with_leftovers
from selfservice.removal.refusals import refusals
from selfservice.removal.team_removal import Removal, plan_removal, plan_use_case_removal
from settings.derived.stack_graph import StackIdentity
from settings.files.validation_cache import load_cached


def review_decommission(
    directory: Path, request: RequestForTeam, folder: Path, preview: Preview, *, open_requests: Sequence[str]
) -> ReviewedDecommission:
    """Returns the review of a decommission. ``folder`` gets a copy of the project with the changed settings.

    ``open_requests`` are the ids of other requests for the team.

    Raises: BadInputError if there is no such team; SettingsError with every fault of the settings without the team.
    """
    refuse_durable(request.team)
    project = with_leftovers(open_project(directory))
    removal = plan_removal(project, request.team, sorted(existing_stacks(project)))
    delay = timedelta(hours=load_cached(directory).organization.decommission_delay_hours)
    return _reviewed(directory, request, project, removal, folder, preview, open_requests, delay)


def review_retirement(
    directory: Path, request: RequestForUseCase, folder: Path, preview: Preview, *, open_requests: Sequence[str]
) -> ReviewedDecommission:
    """Returns the review of a retirement. ``folder`` gets a copy of the project with the changed settings.

    ``open_requests`` are the ids of other requests for the use case.

    Raises: BadInputError if there is no such use case; SettingsError with every fault of the settings without it.
    """
    project = with_leftovers(open_project(directory))
    removal = plan_use_case_removal(project, request.subject, sorted(existing_stacks(project)))
    return _reviewed(directory, request, project, removal, folder, preview, open_requests, timedelta())


def _reviewed(
    directory: Path,
    request: RequestForTeam,
    project: Project,
    removal: Removal,
    folder: Path,
    preview: Preview,
    open_requests: Sequence[str],
    delay: timedelta,
) -> ReviewedDecommission:
    refused = list(refusals(project, removal, ()))
    if open_requests:
        refused.append(
            f"other requests for {request.subject} are open: {', '.join(open_requests)}; wait or reject them"
        )
    updates = None
    if not refused:
        change = settings_change(directory, request)
        named = dict.fromkeys(removal.published, "is shared with the team")
        updates = review_settings(directory, request, change, folder, preview, named)
    return ReviewedDecommission(
        request=request,
        removal=removal,
        deleted=deleted_by(project, request.subject, removal.stacks),
        updates=updates,
        delay=delay,
        refused=refused,
    )


def deleted_by(project: Project, subject: str, stacks: Iterable[str]) -> dict[str, list[str]]:
    """Returns the deletions of each stack that has resources. A subject without any has its first stack alone."""
    found = resources_by_stack(project, list(stacks))
    return {stack: deletions(resources) for stack, resources in found.items() if resources} or {subject: []}


def refuse_durable(team: str) -> None:
    """Raises BadInputError for a name that is a stack of the foundation itself, which is never decommissioned."""
    kind = StackIdentity.parse(team).kind
    if kind != "team":
        raise BadInputError(f"{team} is no team: it is a stack of the kind {kind}, which is never decommissioned")
