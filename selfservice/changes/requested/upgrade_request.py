"""A request to bring a team to the installed version of the foundation."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from selfservice.changes.requested.base import RequestForTeam
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.redaction import shown

_VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){0,2}[0-9a-z.+-]{0,20}")


def _version(text: str) -> str:
    if not _VERSION.fullmatch(text):
        raise refusal(Code.WRONG_TYPE, f"{shown(text)} is not a version", "write one as `0.2.0`, in quotes")
    return text


class UpgradeRequest(RequestForTeam):
    """A request to upgrade a team. Its settings stay, and its stacks are updated by another version of the program."""

    action: Literal["upgrade"] = Field(description="upgrade: update the stacks of a team with the installed version.")
    version: Annotated[str, AfterValidator(_version)] = Field(
        description="The version that the runner has installed.", examples=["0.2.0"]
    )
