"""Settings of the data lake: zones, dataset parts and retention."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from settings.types.model import Settings
from settings.types.values import List, Region, RoleArn, within

Zone = Literal["landing", "raw", "curated", "results"]
"""Zones of the lake. landing: data as delivered. raw: data as ingested. curated: published datasets. results: published
results of models.
"""
Part = Literal["historical", "inference"]
"""Published part of a dataset: historical for training, inference for evaluation and inference (DL-04)."""
PARTS: tuple[Part, ...] = get_args(Part)
ZONES: tuple[Zone, ...] = get_args(Zone)

RESULTS = "results"
"""Folder of the landing zone to which teams return results. Guardrails match on it."""
CURATED = "curated"
"""Folder of an environment's results for captured requests that people select, by use case."""


def results_folder(dataset: str, *further: str) -> str:
    """Returns the results folder of a dataset in the landing zone. ``further`` adds team and environment.

    Each environment has its own folder, so it never overwrites results of another.
    """
    return "/".join((RESULTS, dataset, *further))


class LakeSettings(Settings):
    """Settings of the lake's zones. Each dataset has its own settings file."""

    landing_retention_days: Annotated[int, within(1, 3650, "days")] = Field(
        default=30, description="Days to keep objects in the landing zone, whether they were ingested or not."
    )
    noncurrent_retention_days: Annotated[int, within(1, 3650, "days")] = Field(
        default=90, description="Days to keep replaced object versions in the lake."
    )
    log_retention_days: Annotated[int, within(365, 3650, "days")] = Field(
        default=365, description="Days to keep the access logs of the lake."
    )
    replica_region: Region | None = Field(
        default=None,
        description="Second region, which keeps a copy of every zone and of every object dataset. It must be one of "
        "allowed_regions. Default: no copy. A copy costs storage in the second region and transfer per GB; see "
        "decision 41.",
        examples=["eu-central-1"],
    )
    administrators: List[RoleArn] = Field(
        default=(),
        description="Additional Lake Formation administrator roles in the lake's account. If that is the management "
        "account, the deploying role must be one of them.",
    )
