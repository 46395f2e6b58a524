"""SageMaker Studio in an environment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from settings.model import Settings
from settings.values import List, UserName, within


class StudioSettings(Settings):
    """Where people work. Always in VPC-only mode."""

    enabled: bool | None = Field(
        default=None, description="Whether there is a Studio domain. Default: in experimentation and development only."
    )
    idle_timeout_minutes: Annotated[int, within(60, 525_600, "minutes")] = Field(
        default=120,
        description="Minutes without work after which an app stops and costs nothing (SageMaker, 60-525,600).",
    )
    users: List[UserName] = Field(default=(), description="Who has a profile of their own; one per person.")
