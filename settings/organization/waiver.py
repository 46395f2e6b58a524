"""Settings of waivers, which allow one deployment to delete a resource that holds data."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import Field

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.grammar import RESOURCE_TYPE
from settings.types.model import Settings
from settings.types.values import Checked, EmailAddress, Reason

_STACK = r"[a-z0-9][a-z0-9-]{0,99}"
_NAME = r"[A-Za-z0-9][A-Za-z0-9._/@+-]{0,254}"
_RESOURCE = rf"{RESOURCE_TYPE}::{_NAME}"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def _stack(text: str) -> str:
    if not re.fullmatch(_STACK, text):
        raise refusal(Code.FORMAT, "is not the name of a stack", "copy it from the message that asks for the waiver")
    return text


def _resource(text: str) -> str:
    if not re.fullmatch(_RESOURCE, text):
        rule = "is not <type>::<name> of one resource, without wildcards"
        raise refusal(Code.FORMAT, rule, "write it as aws:s3/bucket:Bucket::fraud-development-ml")
    return text


def _day(text: str) -> str:
    try:
        if not re.fullmatch(_DATE, text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        raise refusal(Code.FORMAT, "is not a date (YYYY-MM-DD)", 'write it in quotes, as "2030-01-31"') from None
    return text


StackName = Annotated[str, Checked(_stack, {"pattern": f"^{_STACK}$"})]
OneResource = Annotated[str, Checked(_resource, {"pattern": f"^{_RESOURCE}$"})]
Day = Annotated[str, Checked(_day, {"pattern": f"^{_DATE}$", "minLength": 10, "maxLength": 10})]


class Waiver(Settings):
    """Permission to delete or replace one resource that holds data, for at most 30 days."""

    stack: StackName = Field(description="The stack that contains the resource.", examples=["fraud-production"])
    resource: OneResource = Field(
        description="Type and name of the resource, as at the end of its URN. Each resource needs a waiver of its own.",
        examples=["aws:s3/bucket:Bucket::fraud-production-ml"],
    )
    reason: Reason = Field(
        description="Why the data may be deleted, and where it is kept otherwise.",
        examples=["The objects were copied to the bucket of the new use case."],
    )
    requester: EmailAddress = Field(
        description="Address of the person who asked for the deletion.", examples=["fraud-owner@acme.example"]
    )
    expires: Day = Field(
        description="Last day of the waiver in UTC, in quotes. Plinth refuses it if it is more than 30 days ahead.",
        examples=["2030-01-31"],
    )

    @property
    def last_day(self) -> date:
        """The last day on which the waiver is valid."""
        return date.fromisoformat(self.expires)
