"""Settings of the audit account."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.types.kinds import Environment
from settings.types.model import IMMUTABLE, Settings
from settings.types.values import List, Region, within

TRAIL_LIBRARY = "audit"
"""Name of the database with the trail, and of the Athena workgroup that queries it."""


class AuditSettings(Settings):
    """Settings of the log archive, the organization trail and the detectors."""

    log_retention_days: Annotated[int, within(365, 3650, "days")] = Field(
        default=2557,
        description="Days that the archive keeps logs, which nobody can delete earlier. The default is seven years.",
    )
    object_lock: Literal["governance", "compliance"] = Field(
        default="governance",
        description="Mode of S3 Object Lock. governance: a break-glass role can remove the lock. compliance: nobody "
        "can, not even AWS.",
        json_schema_extra=IMMUTABLE,
    )
    replica_region: Region | None = Field(
        default=None,
        description="Second region, which keeps a locked copy of the log archive. It must be one of allowed_regions. "
        "Default: no copy. A copy is kept as long as the archive, and costs storage in the second region and transfer "
        "per GB; see decision 41.",
        examples=["eu-central-1"],
    )
    macie: bool = Field(
        default=False, description="Search the data lake for personal data with Macie, which costs per gigabyte."
    )
    ml_readings: List[Environment] = Field(
        default=("production",),
        description="Environments for whose ML buckets the trail records reads. It always records writes. The cost is "
        "per call.",
    )
