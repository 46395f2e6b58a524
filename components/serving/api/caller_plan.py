"""Limits of one caller of an API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Period = Literal["DAY", "WEEK", "MONTH"]
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True, slots=True)
class CallerPlan:
    """A usage plan with one API key. Limits: API Gateway API, CreateUsagePlan."""

    name: str
    """Name of the caller, unique in the API. The names of plan and key end with it."""

    requests_per_second: int
    """Request rate of the caller, 1 to 10,000."""

    burst: int
    """Requests of the caller at the same time, 1 to 5,000."""

    quota: int | None = None
    """Requests of the caller in each period. None counts none."""

    period: Period = "DAY"
    """Period of the quota. Days begin at 00:00 UTC, weeks on Sunday, months on the first."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"name: {self.name} is not made of lower-case letters, digits and single hyphens")
        for name, value, most in (
            ("requests_per_second", self.requests_per_second, 10_000),
            ("burst", self.burst, 5_000),
        ):
            if not 1 <= value <= most:
                raise ValueError(f"{self.name}: {name}: {value} is out of range (1 to {most})")
        if self.quota is not None and self.quota < 1:
            raise ValueError(f"{self.name}: quota: {self.quota} is out of range (1 or more)")
