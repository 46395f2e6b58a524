"""How long an ML bucket keeps what builds leave, by the class of the build (S3-07)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from settings.data.ml_layout import BuildClass
from settings.types.model import Settings
from settings.types.values import within

EVIDENCE_BYTES = 1024 * 1024
"""What is no larger tells what a build did: its code, metrics, reports, manifests. What is larger is mostly data."""


class Retention(Settings):
    """Of one class of builds. What is not said stays as long as the environment does."""

    days: Annotated[int, within(1, 3650, "days")] | None = Field(
        default=None, description="Days that what a build leaves stays."
    )
    evidence_days: Annotated[int, within(1, 3650, "days")] | None = Field(
        default=None,
        description="Days that its files of up to 1 MiB stay, where longer: code, metrics, reports. The detail in "
        "which a build can be audited once its data is gone.",
    )
    history_days: Annotated[int, within(1, 3650, "days")] | None = Field(
        default=None,
        description="Days that what was replaced or deleted stays, where shorter than the environment's "
        "`noncurrent_retention_days`.",
    )

    @property
    def longest_days(self) -> int | None:
        """After which nothing of a build is left; None for never."""
        return self.evidence_days or self.days


DEFAULT_RETENTION: Mapping[BuildClass, Retention] = MappingProxyType(
    {
        "feature": Retention(days=30, evidence_days=90, history_days=7),
        "develop": Retention(days=90, evidence_days=365, history_days=30),
        "main": Retention(),
        "batch": Retention(days=400, evidence_days=2557),
    }
)
"""Branches are many and short-lived. What was released stays, and what was inferred covers a yearly audit; how it came
about, seven years.
"""

RetentionByClass = Mapping[BuildClass, Retention]


def retention_of(build_class: BuildClass, *settings: RetentionByClass) -> Retention:
    """The first that says something about the class, narrowest first; otherwise the default."""
    return next((given[build_class] for given in settings if build_class in given), DEFAULT_RETENTION[build_class])
