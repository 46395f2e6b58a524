"""Settings of exceptions from the region denial (SCP-03)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import Checked, List, Reason, Region

_ACTION = r"[a-z0-9-]+:[A-Z][A-Za-z0-9]+\*?"
"""One action, or all whose names begin alike. Whole services are none, because they include what stores data."""


def _action(text: str) -> str:
    if not re.fullmatch(_ACTION, text):
        rule = "is not an IAM action, or the beginning of one, of one service"
        raise refusal(Code.FORMAT, rule, "write it as bedrock:InvokeModel, or as bedrock:InvokeModel*")
    return text


ExceptedAction = Annotated[str, Checked(_action, {"pattern": f"^{_ACTION}$"})]


class RegionException(Settings):
    """Actions that are allowed in regions that accounts may not use otherwise."""

    actions: List[ExceptedAction] = Field(
        description="IAM actions. `*` at the end stands for all actions that begin alike.",
        examples=[["bedrock:InvokeModel*"]],
    )
    regions: List[Region] = Field(
        description="Regions in which these actions are allowed, besides `allowed_regions`.",
        examples=[["eu-central-1", "eu-west-3"]],
    )
    reason: Reason = Field(
        description="Why requests may leave the allowed regions.",
        examples=["Inference profiles of Bedrock send requests to any region of the profile"],
    )
