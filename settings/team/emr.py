"""Settings of EMR Serverless, which runs Spark in an environment."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.types.aws.limits import SPARK_IDLE_MINUTES
from settings.types.model import Settings
from settings.types.values import within

EmrRelease = Literal["emr-7.10.0", "emr-7.11.0", "emr-7.12.0"]
"""Supported releases. Column-level access with Lake Formation needs 7.2 or later (EMR Serverless User Guide, "Using
Lake Formation with EMR Serverless"); only recent releases are offered.
"""


class EmrSettings(Settings):
    """EMR Serverless for transformations that SQL cannot express (TR-02). It costs while jobs run and until the idle
    timeout after the last one.
    """

    release: EmrRelease = Field(
        default="emr-7.12.0", description="Release of EMR, which determines the version of Spark."
    )
    max_vcpus: Annotated[int, within(4, 400, "vCPUs")] = Field(
        default=32, description="Maximum vCPUs of all jobs together. Further jobs wait."
    )
    max_memory_gb: Annotated[int, within(8, 3000, "GB")] = Field(
        default=128, description="Maximum GB of memory of all jobs together."
    )
    max_disk_gb: Annotated[int, within(20, 20_000, "GB")] = Field(
        default=500, description="Maximum GB of disk of all jobs together. Each worker has at least 20."
    )
    idle_timeout_minutes: Annotated[int, within(*SPARK_IDLE_MINUTES, "minutes")] = Field(
        default=15, description="Minutes without a job after which the workers stop and cost nothing (1-10,080)."
    )
