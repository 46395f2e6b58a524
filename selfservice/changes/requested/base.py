"""What all requests of the platform team have in common."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from selfservice.catalog.credentials import holds_credential
from selfservice.changes.requested.request_values import LEAKED, canonical
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import TeamName, UseCaseName


class RequestForTeam(Settings):
    """A request that concerns one team. Each kind of request has an action of its own."""

    action: str
    team: TeamName = Field(description="Name of the team.", examples=["claims"])

    @model_validator(mode="after")
    def _holds_no_credential(self) -> Self:
        if holds_credential(self.model_dump()):
            raise refusal(Code.SECRET_IN_PLAIN_TEXT, "contains what looks like a credential", LEAKED)
        return self

    @property
    def approvals(self) -> int:
        """Number of people who have to approve it, beside the requester."""
        return 1

    @property
    def subject(self) -> str:
        """What the request is about."""
        return self.team

    @property
    def text(self) -> str:
        """The request as JSON, always the same for equal requests."""
        return canonical(self.model_dump(mode="json", exclude_defaults=True) | {"action": self.action})


class RequestForUseCase(RequestForTeam):
    """A request that concerns one use case of a team."""

    name: UseCaseName = Field(description="Name of the use case.", examples=["card-risk"])

    @property
    def subject(self) -> str:
        """What the request is about: the stack of the use case."""
        return f"{self.team}--{self.name}"
