"""Requests to create a use case of a team, and to retire one."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from selfservice.changes.requested.base import RequestForUseCase
from selfservice.changes.requested.request_values import Reason
from selfservice.requests.use_case_request import UseCaseRequest
from settings.types.error_codes import Code
from settings.types.errors import refusal


class CreateUseCaseRequest(RequestForUseCase, UseCaseRequest):
    """A request to create a use case of a team. The other fields are those that a lead data scientist may choose."""

    action: Literal["create-use-case"] = Field(
        description="create-use-case: its stack and the first commits of its repositories."
    )


class RetireUseCaseRequest(RequestForUseCase):
    """A request to retire a use case: its stack is destroyed, and its code, images and models stay."""

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
