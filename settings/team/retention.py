"""Retention periods of ML buckets by class of builds, and of captured requests (S3-07)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from settings.data.ml_layout import RetentionClass
from settings.types.model import Settings
from settings.types.values import within

EVIDENCE_BYTES = 1024 * 1024
"""Maximum size of an object that counts as evidence of a build: code, metrics, reports, manifests. Larger objects are
mostly data.
"""


class Retention(Settings):
    """Retention of one class of objects. Without a period, objects stay as long as the environment exists."""

    days: Annotated[int, within(1, 3650, "days")] | None = Field(
        default=None, description="Days to keep the objects of a build. Default: no limit."
    )
    evidence_days: Annotated[int, within(1, 3650, "days")] | None = Field(
        default=None,
        description="Days to keep the objects of up to 1 MiB, longer than `days`: code, metrics, reports. They keep a "
        "build auditable after its data expired.",
    )
    history_days: Annotated[int, within(1, 3650, "days")] | None = Field(
        default=None,
        description="Days to keep replaced and deleted object versions, at most the environment's "
        "`noncurrent_retention_days`.",
    )

    @property
    def longest_days(self) -> int | None:
        """The days after which all objects of a build have expired, or None if they never expire."""
        return self.evidence_days or self.days


DEFAULT_RETENTION: Mapping[RetentionClass, Retention] = MappingProxyType(
    {
        "feature": Retention(days=30, evidence_days=90, history_days=7),
        "develop": Retention(days=90, evidence_days=365, history_days=30),
        "main": Retention(),
        "batch": Retention(days=400, evidence_days=2557),
        "capture": Retention(days=100),
    }
)
"""Branch builds are frequent and short-lived, so they expire. Released builds stay. Inference results stay for a yearly
audit, and their evidence for seven years. Captured requests often contain personal data; they stay until their ground
truth has arrived, which takes 90 days at most.
"""

RetentionByClass = Mapping[RetentionClass, Retention]


def retention_of(retained: RetentionClass, *settings: RetentionByClass) -> Retention:
    """Returns the retention of a class from the first of ``settings`` that has it, narrowest first, or the default."""
    return next((given[retained] for given in settings if retained in given), DEFAULT_RETENTION[retained])
