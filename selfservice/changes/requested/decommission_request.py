"""A request to decommission a team: its accounts are emptied, and its records stay."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from selfservice.changes.requested.base import RequestForTeam
from selfservice.changes.requested.request_values import Reason
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.values import TeamName


class DecommissionRequest(RequestForTeam):
    """A request to decommission a team."""

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
