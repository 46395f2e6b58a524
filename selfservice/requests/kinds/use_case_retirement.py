"""A request to retire a use case of a team."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from selfservice.changes.plan import CATALOG, SETTINGS, Step
from selfservice.changes.removed_settings import files_without_use_case
from selfservice.changes.requested.base import PresentSettings, RequestedAction, RequestForUseCase
from selfservice.changes.requested.request_values import Reason
from selfservice.changes.reviewed_change import Reviewed
from selfservice.changes.run_plan import Call, PlanExecutor
from selfservice.decommission.plan import EVIDENCE, retirement_plan
from selfservice.decommission.review_decommission import review_retirement
from selfservice.decommission.reviewed_decommission import DESTROYED
from selfservice.decommission.run_decommission import DecommissionExecutor
from selfservice.decommission.run_retirement import Retirement
from selfservice.durable.node import NodeResult
from selfservice.projects.project import rehearsals_of
from selfservice.requests.kinds.execution import Execution
from selfservice.requests.kinds.removal import RemovalRequest
from selfservice.requests.kinds.request import destroyed, updated
from selfservice.requests.kinds.review_site import ReviewSite
from settings.derived.foundation import Foundation
from settings.types.error_codes import Code
from settings.types.errors import refusal


class RetireUseCaseRequest(RemovalRequest, RequestForUseCase):
    """A request to retire a use case: its stack is destroyed, and its code, images and models stay."""

    ACTIONS: ClassVar = (
        RequestedAction(
            name="retire-use-case",
            title="Retire a use case",
            asks_for="the retirement of the use case",
            commit="Remove the use case",
            unchanged="The settings have no use case {}; the runner destroys what is deployed.",
            is_removal=True,
        ),
    )

    action: Literal["retire-use-case"] = Field(
        description="retire-use-case: destroy its stack and keep its code, images and models."
    )
    confirm: str = Field(description="Team and use case once more.", examples=["fraud--card-risk"])
    reason: Reason = Field(description="Why. It is recorded.", examples=["replaced by another model"])

    @model_validator(mode="after")
    def _is_confirmed(self) -> Self:
        if self.confirm != self.subject:
            raise refusal(
                Code.NOT_ALLOWED,
                f"confirm does not name the use case {self.subject}",
                f"write `confirm: {self.subject}`",
            )
        return self

    def files(self, present: PresentSettings) -> Iterable[tuple[str, str | None]]:
        """Yields the file of the team without the use case, and that of its stack, which is deleted."""
        return files_without_use_case(present.foundation, present.folder, self.team, self.name)

    @property
    def pipelines(self) -> str:
        """Pattern of the pipelines of the use case."""
        return f"{self.subject}-*"

    def review(self, site: ReviewSite) -> Reviewed:
        """Lists what the retirement deletes, and previews the stacks that it updates."""
        others = site.other_requests(lambda request: request.subject in (self.subject, self.team))
        return review_retirement(site.directory, self, site.folder, site.preview, open_requests=list(others))

    def planned(self, execution: Execution, after: Foundation) -> tuple[Sequence[Step], PlanExecutor]:
        """Returns the steps: evidence and updates first, then the destruction of the stack."""
        retirement = Retirement(
            directory=execution.directory,
            folder=execution.folder / "destroyed",
            catalog=execution.catalog,
            request=self,
            record=execution.record,
        )

        def finish(needs: Mapping[str, NodeResult]) -> dict[str, str]:
            retirement.finish(needs)
            return execution.recorded(self.team)

        calls: dict[str, Call] = {
            SETTINGS: execution.settings(self),
            EVIDENCE: lambda _: retirement.evidence(),
            CATALOG: execution.published(self, finish),
        }
        approved = execution.approved
        kept = [stack for stack, reason in approved.reasons.items() if reason != DESTROYED]
        steps = retirement_plan(self.subject, after.overview.graph, rehearsals_of(after), kept, approved.steps)
        return steps, DecommissionExecutor(**execution.running(calls), workspace=retirement.workspace)

    def result(self, steps: Mapping[str, NodeResult]) -> str:
        """Returns what was destroyed and updated."""
        return f"destroyed {destroyed(steps)}, updated {updated(steps)}"
