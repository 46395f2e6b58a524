"""Reviews a request: previews what its change affects, with the policy packs, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from selfservice.changes.overlay import detach, overlay, without_folder
from selfservice.changes.requested.base import RequestForTeam
from selfservice.changes.reviewed_change import ReviewedChange, code_digest
from selfservice.changes.settings_change import SettingsChange, settings_change
from selfservice.checks.undeployable import refuse_undeployable
from selfservice.errors import BadInputError
from selfservice.fingerprints.affected import affected_by_settings
from selfservice.operations.operation import Outcome
from selfservice.operations.schedule import upstream_of
from selfservice.projects.project import Project, open_project
from selfservice.projects.states import resources_by_stack
from selfservice.reviews.review import CostChange, Review
from settings.files.validation_cache import load_cached
from settings.rules.partial_config import stack_file
from settings.types.errors import SettingsError

Preview = Callable[[Project, Sequence[str]], Mapping[str, Outcome]]
"""Previews stacks of a project, with the changed properties."""

_NOT_DEPLOYED = "is not deployed"


def review_change(
    directory: Path,
    request: RequestForTeam,
    folder: Path,
    preview: Preview,
    *,
    recycled: Sequence[str] = (),
    further: Mapping[str, str] = MappingProxyType({}),
) -> ReviewedChange:
    """Returns the review of a request. ``folder`` gets a copy of the project with the changed settings.

    ``recycled`` are the ids of accounts that a new team uses first. ``further`` are more stacks to preview, each with
    the reason.

    Raises: BadInputError or RefusedError if the request cannot be carried out; SettingsError with every fault.
    """
    change = settings_change(directory, request, recycled)
    own = request.own_stacks(change.foundation)
    resources = resources_by_stack(open_project(directory), own)
    missing = {stack: _NOT_DEPLOYED for stack in own if not resources[stack]}
    return review_settings(directory, request, change, folder, preview, {**further, **missing})


def review_settings(
    directory: Path,
    request: RequestForTeam,
    change: SettingsChange,
    folder: Path,
    preview: Preview,
    further: Mapping[str, str],
) -> ReviewedChange:
    """Returns the review of changed settings.

    ``further`` are more stacks to preview, each with the reason.

    Raises: BadInputError or RefusedError if the settings cannot be deployed.
    """
    where = overlay(directory, change.files, folder)
    try:
        project = open_project(where)
    except SettingsError as error:
        raise BadInputError(without_folder(error, where)) from None
    # What is new or has other settings of its own is refused at once. Only programs tell which other stacks change.
    own = [stack for stack in project.graph if stack in further or stack_file(stack) in change.files]
    refuse_undeployable(project, own)
    affected = affected_by_settings(project, change.files, directory) if change.files else {}
    found = {**further, **affected}
    reasons = {stack: found[stack] for stack in project.graph if stack in found}
    stacks = [stack for stack in project.graph if stack in reasons]
    if stacks != own:
        refuse_undeployable(project, stacks)
    detach(where, {*stacks, *(need for stack in stacks for need in upstream_of(project.graph, stack))})
    outcomes = preview(project, stacks) if stacks else {}
    return ReviewedChange(
        request=request,
        change=change,
        review=_review(project, change, directory, {stack: reasons[stack] for stack in stacks}, outcomes),
        code=code_digest(open_project(directory)),
    )


def _review(
    project: Project,
    change: SettingsChange,
    directory: Path,
    reasons: Mapping[str, str],
    outcomes: Mapping[str, Outcome],
) -> Review:
    before = load_cached(directory)
    known = {str(rule) for rule in before.relaxed_rules}
    return Review(
        revision="the settings",
        commit="",
        stacks=len(project.graph),
        teams={stack.name: stack.team for stack in change.foundation.stacks if stack.team is not None},
        reasons=reasons,
        outcomes=outcomes,
        cost=CostChange.between(before, change.foundation),
        relaxed=[rule for rule in project.relaxed_rules if rule not in known],
    )
