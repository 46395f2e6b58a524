"""What the audit account keeps, and how hard it holds on to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.types.kinds import Environment
from settings.types.model import IMMUTABLE, Settings
from settings.types.values import List, within


class AuditSettings(Settings):
    """The log archive and the detectors."""

    log_retention_days: Annotated[int, within(365, 3650, "days")] = Field(
        default=2557, description="Days that the archive keeps a log, and that nobody can delete it: seven years."
    )
    object_lock: Literal["governance", "compliance"] = Field(
        default="governance",
        description="governance: a break-glass role can lift the lock. compliance: nobody can, not even AWS.",
        json_schema_extra=IMMUTABLE,
    )
    macie: bool = Field(default=False, description="Search the data lake for personal data; paid by the gigabyte.")
    ml_readings: List[Environment] = Field(
        default=("production",),
        description="Environments whose ML buckets' readings the trail records, beside all writings; paid by the call.",
    )
