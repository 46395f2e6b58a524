"""A request to decommission a team: its accounts are emptied, and its records stay."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from selfservice.catalog.credentials import holds_credential
from selfservice.changes.requested.request_values import LEAKED, canonical
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.redaction import readable
from settings.types.values import TeamName

LONGEST_REASON = 500


def _reason(text: str) -> str:
    if not text.strip():
        raise refusal(Code.FIELD_MISSING, "the reason is empty", "say why the team is decommissioned")
    if holds_credential(text):
        raise refusal(Code.SECRET_IN_PLAIN_TEXT, "the reason contains what looks like a credential", LEAKED)
    if len(text) > LONGEST_REASON or readable(text) != text:
        raise refusal(
            Code.WRONG_TYPE, "the reason is no short text", f"write at most {LONGEST_REASON} printable characters"
        )
    return text


class DecommissionRequest(Settings):
    """A request to decommission a team."""

    approvals: ClassVar[int] = 2
    """Number of people who have to approve it, beside the requester."""

    action: Literal["decommission"] = Field(description="decommission: empty the accounts of a team, and keep records.")
    team: TeamName = Field(description="Name of the team.", examples=["claims"])
    confirm: TeamName = Field(description="Name of the team once more.", examples=["claims"])
    reason: Annotated[str, AfterValidator(_reason)] = Field(
        description="Why. It is recorded.", examples=["the project has ended"]
    )

    @model_validator(mode="after")
    def _is_confirmed(self) -> Self:
        if self.confirm != self.team:
            raise refusal(
                Code.NOT_ALLOWED, f"confirm is {self.confirm}, and team is {self.team}", "name the same team twice"
            )
        return self

    @property
    def text(self) -> str:
        """The request as JSON, always the same for equal requests."""
        return canonical(self.model_dump(mode="json"))
