"""What the data lake keeps of its own accord, and for how long."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from settings.types.model import Settings
from settings.types.values import List, RoleArn, within

Zone = Literal["landing", "raw", "curated", "results"]
"""The way of data through the lake: as others lay it down, as it was taken in, as it is published, and what models made
of it."""
Part = Literal["historical", "inference"]
"""A dataset is published apart: what models are trained on, and what they are tried on and infer from (DL-04)."""
PARTS: tuple[Part, ...] = get_args(Part)
ZONES: tuple[Zone, ...] = get_args(Zone)

RESULTS = "results"
"""Folder of the landing zone in which teams lay down what their models found. Guardrails know it by this name."""


def results_folder(dataset: str, *further: str) -> str:
    """Where in the landing zone results lie that become a dataset: all of them, a team's, those of one of its
    environments. One environment never overwrites what another found."""
    return "/".join((RESULTS, dataset, *further))


class LakeSettings(Settings):
    """The zones of the lake. What is in it says each dataset's own file."""

    landing_retention_days: Annotated[int, within(1, 3650, "days")] = Field(
        default=30, description="Days that what was laid down stays in the landing zone, taken in or not."
    )
    noncurrent_retention_days: Annotated[int, within(1, 3650, "days")] = Field(
        default=90, description="Days that a replaced version of an object of the lake stays."
    )
    log_retention_days: Annotated[int, within(365, 3650, "days")] = Field(
        default=365, description="Days that the record stays of who read and wrote the lake."
    )
    administrators: List[RoleArn] = Field(
        default=(),
        description="Further roles that administer Lake Formation in the lake's account. Where that is the management "
        "account, the role that deploys has to be among them.",
    )
