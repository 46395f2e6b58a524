"""Spark without machines to look after: EMR Serverless in an environment, and how large it may grow."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.types.model import Settings
from settings.types.values import within

EmrRelease = Literal["emr-7.10.0", "emr-7.11.0", "emr-7.12.0"]
"""Releases whose Spark reads under Lake Formation by column, which came with 7.2 (EMR Serverless User Guide, "Using
Lake Formation with EMR Serverless"), and not the oldest of them."""


class EmrSettings(Settings):
    """Transformations that a query cannot express (TR-02). It costs while jobs run, and up to the idle time after."""

    release: EmrRelease = Field(default="emr-7.12.0", description="Release of EMR, and by that version of Spark.")
    max_vcpus: Annotated[int, within(4, 400, "vCPUs")] = Field(
        default=32, description="vCPUs of all jobs together; what would need more waits."
    )
    max_memory_gb: Annotated[int, within(8, 3000, "GB")] = Field(
        default=128, description="GB of memory of all jobs together."
    )
    max_disk_gb: Annotated[int, within(20, 20_000, "GB")] = Field(
        default=500, description="GB of disk of all jobs together; each worker has at least 20."
    )
    idle_timeout_minutes: Annotated[int, within(1, 10_080, "minutes")] = Field(
        default=15, description="Minutes without a job after which nothing is kept ready, or paid (1-10,080)."
    )
