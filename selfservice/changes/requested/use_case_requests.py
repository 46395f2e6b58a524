"""Requests to create a use case of a team, and to retire one."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from selfservice.catalog.credentials import holds_credential
from selfservice.changes.requested.request_values import LEAKED, Reason, canonical
from selfservice.requests.use_case_request import UseCaseRequest
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import TeamName, UseCaseName


class CreateUseCaseRequest(UseCaseRequest):
    """A request to create a use case of a team. The other fields are those that a lead data scientist may choose."""

    approvals: ClassVar[int] = 1
    """Number of people who have to approve it, beside the requester."""

    action: Literal["create-use-case"] = Field(
        description="create-use-case: its stack and the first commits of its repositories."
    )
    team: TeamName = Field(description="Name of the team.", examples=["fraud"])

    @model_validator(mode="after")
    def _holds_no_credential(self) -> Self:
        if holds_credential(self.model_dump()):
            raise refusal(Code.SECRET_IN_PLAIN_TEXT, "contains what looks like a credential", LEAKED)
        return self

    @property
    def subject(self) -> str:
        """What the request is about: the stack of the use case."""
        return f"{self.team}--{self.name}"

    @property
    def text(self) -> str:
        """The request as JSON, always the same for equal requests."""
        return canonical(self.model_dump(mode="json", exclude_defaults=True))


class RetireUseCaseRequest(Settings):
    """A request to retire a use case: its stack is destroyed, and its code, images and models stay."""

    approvals: ClassVar[int] = 1
    """Number of people who have to approve it, beside the requester."""

    action: Literal["retire-use-case"] = Field(
        description="retire-use-case: destroy its stack and keep its code, images and models."
    )
    team: TeamName = Field(description="Name of the team.", examples=["fraud"])
    name: UseCaseName = Field(description="Name of the use case.", examples=["card-risk"])
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

    @property
    def subject(self) -> str:
        """What the request is about: the stack of the use case."""
        return f"{self.team}--{self.name}"

    @property
    def text(self) -> str:
        """The request as JSON, always the same for equal requests."""
        return canonical(self.model_dump(mode="json"))
