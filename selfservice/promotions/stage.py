"""The stage of a use case: what is trained, what is served, and what waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from selfservice.projects.project import Project
from selfservice.promotions.history import promotions_of, served_states
from selfservice.promotions.place import explained, place_to_read
from selfservice.promotions.promotion import Promotion, ServedState
from selfservice.reports import delivery, model_versions
from selfservice.reports.delivery import NotDeployedError, Row
from selfservice.reports.use_cases import Stage, UseCaseReport
from settings.types.kinds import RELEASED_TO


def with_stage(project: Project, use_case: UseCaseReport) -> UseCaseReport:
    """Returns the report of a use case with its stage. Raises: RefusedError if the credentials do not suffice."""
    if use_case.stack is None:
        return use_case.at("idea", "")
    try:
        newest = next(iter(model_versions.models(delivery.place_of(project, use_case.stack), most=1)), None)
    except NotDeployedError:
        return use_case.at("planned", "")
    if newest is None:
        return use_case.at("building", "")
    served: Sequence[ServedState] = ()
    promotion: Promotion | None = None
    if use_case.approvers:
        place = place_to_read(project, use_case.stack)
        with explained():
            served = served_states(place)
            promotion = next(iter(promotions_of(place, most=1)), None)
    return use_case.at(_stage(served), "; ".join(_told(newest, served, promotion)))


def _stage(served: Sequence[ServedState]) -> Stage:
    environments = {served_state.environment for served_state in served}
    return next((environment for environment in reversed(RELEASED_TO) if environment in environments), "trained")


def _told(newest: Row, served: Sequence[ServedState], promotion: Promotion | None) -> Iterator[str]:
    for served_state in served:
        yield f"{served_state.environment} serves version {served_state.version} since {served_state.deployed_at[:10]}"
    if promotion is not None and promotion.is_under_way:
        waiting = promotion.waits_in
        what = f"waits for {waiting.stage}" if waiting else "is being promoted"
        yield f"version {promotion.version} {what}"
    elif newest["status"] == "PendingManualApproval":
        yield f"version {newest['version']} waits to be promoted"
