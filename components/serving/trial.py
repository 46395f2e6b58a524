"""A comparison of a new version with the one in service, on the same endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from components.serving.registered_model import RegisteredModel
from components.serving.served_variant import ServedVariant

CANDIDATE = "Candidate"
"""Name of the variant of the new version in an A/B test. The variant of the version in service keeps its name."""
SHADOW = "Shadow"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """An A/B test, in which the new version answers a part of the requests, or a shadow, whose answers nobody gets."""

    kind: Literal["a-b", "shadow"]
    """Kind of the comparison."""

    version_arn: str
    """ARN of the registered version in service, with which the new one is compared. In the first release, that of the
    new one."""

    percentage: int
    """Part of the requests that the new version answers (A/B, 1 to 99), or gets a copy of (shadow, 1 to 100)."""

    def __post_init__(self) -> None:
        most = 99 if self.kind == "a-b" else 100
        if not 1 <= self.percentage <= most:
            raise ValueError(f"percentage: {self.percentage} is out of range (1 to {most})")


def compared(
    trial: Trial, usual: ServedVariant, current: RegisteredModel
) -> tuple[Sequence[ServedVariant], ServedVariant | None]:
    """Returns the variants that answer, and the shadow.

    ``usual`` is the variant that would serve without a comparison. The candidate does not scale, because SageMaker
    refuses an update that removes a scaled variant.
    """
    if trial.kind == "shadow":
        shadow = _like(usual, usual.model, SHADOW, trial.percentage / 100)
        return [_like(usual, current, usual.variant_name, 1.0, scaled=True)], shadow
    return [
        _like(usual, current, usual.variant_name, 100 - trial.percentage, scaled=True),
        _like(usual, usual.model, CANDIDATE, trial.percentage),
    ], None


def _like(
    usual: ServedVariant, model: RegisteredModel, name: str, weight: float, *, scaled: bool = False
) -> ServedVariant:
    return ServedVariant(
        model=model,
        instance_type=usual.instance_type,
        instances=usual.instances,
        variant_name=name,
        weight=weight,
        scaling=usual.scaling if scaled else None,
    )
