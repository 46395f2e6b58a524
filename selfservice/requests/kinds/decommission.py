"""A request to decommission a team: its accounts are emptied, and its records stay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from selfservice.changes.plan import CATALOG, SETTINGS, Step
from selfservice.changes.removed_settings import files_without
from selfservice.changes.requested.base import PresentSettings, RequestedAction
from selfservice.changes.requested.request_values import Reason
from selfservice.changes.reviewed_change import Reviewed
from selfservice.changes.run_plan import PlanExecutor
from selfservice.decommission.plan import EVIDENCE, RESIDUE
from selfservice.decommission.review_decommission import review_decommission
from selfservice.decommission.run_decommission import (
    Decommission,
    DecommissionExecutor,
    steps_of_decommission,
)
from selfservice.durable.node import NodeResult
from selfservice.formatting import counted
from selfservice.projects.project import rehearsals_of
from selfservice.requests.kinds.execution import Execution
from selfservice.requests.kinds.removal import RemovalRequest
from selfservice.requests.kinds.request import destroyed, updated
from selfservice.requests.kinds.review_site import ReviewSite
from settings.derived.foundation import Foundation
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.values import TeamName


class DecommissionRequest(RemovalRequest):
    """A request to decommission a team."""

    ACTIONS: ClassVar = (
        RequestedAction(
            name="decommission",
            title="Decommission a team",
            asks_for="the decommission of the team",
            commit="Remove the team",
            unchanged="The settings have no team {}; the runner destroys what is deployed.",
            is_removal=True,
        ),
    )

    action: Literal["decommission"] = Field(description="decommission: empty the accounts of a team, and keep records.")
    confirm: TeamName = Field(description="Name of the team once more.", examples=["claims"])
    reason: Reason = Field(description="Why. It is recorded.", examples=["the project has ended"])

    @model_validator(mode="after")
    def _is_confirmed(self) -> Self:
        if self.confirm != self.team:
            raise refusal(
                Code.NOT_ALLOWED, f"confirm is {self.confirm}, and team is {self.team}", "name the same team twice"
            )
        return self

    @property
    def approvals(self) -> int:
        """Number of people who have to approve it, beside the requester."""
        return 2

    def files(self, present: PresentSettings) -> Iterable[tuple[str, str | None]]:
        """Yields the files of the team, which are deleted, and those of data that is shared with it."""
        return files_without(present.foundation, present.folder, self.team)

    @property
    def pipelines(self) -> str:
        """Pattern of the pipelines of all use cases of the team."""
        return f"{self.team}--*"

    def review(self, site: ReviewSite) -> Reviewed:
        """Lists what the decommission deletes, and previews the stacks that share data with the team."""
        others = site.other_requests(lambda request: request.team == self.team)
        return review_decommission(site.directory, self, site.folder, site.preview, open_requests=list(others))

    def planned(self, execution: Execution, after: Foundation) -> tuple[Sequence[Step], PlanExecutor]:
        """Returns the steps: evidence first, the accounts last."""
        decommission = Decommission(
            directory=execution.directory,
            folder=execution.folder / "destroyed",
            catalog=execution.catalog,
            team=self.team,
            record=execution.record,
        )
        calls = {
            SETTINGS: execution.settings(self),
            EVIDENCE: lambda _: decommission.evidence(),
            RESIDUE: decommission.residue,
            CATALOG: execution.published(self, decommission.finish),
        }
        steps = steps_of_decommission(self.team, after, rehearsals_of(after), execution.approved)
        return steps, DecommissionExecutor(**execution.running(calls), workspace=decommission.workspace)

    def result(self, steps: Mapping[str, NodeResult]) -> str:
        """Returns what was destroyed and updated, what is left in the accounts, and how many of them were recycled."""
        left = steps[RESIDUE].output["left"]
        emptied = f"{counted(left, 'resource')} left" if left else "nothing is left in the accounts"
        recycled = counted(len(steps[CATALOG].output["recycled"]), "account")
        return f"destroyed {destroyed(steps)}, updated {updated(steps)}; {emptied}; {recycled} recycled"
