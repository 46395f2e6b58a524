"""Statistics of samples (CloudWatch User Guide, "CloudWatch statistics definitions")."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.services.cloudwatch.executor.metrics import Sample

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
BASIC = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")


def percentile_of(statistic: str) -> float | None:
    """Returns the percentile that a statistic such as ``p99.9`` names, or None for another statistic."""
    found = _PERCENTILE.fullmatch(statistic)
    return float(found[1]) if found else None


def check(statistic: str) -> None:
    """Raises NotEmulatedError for a statistic that the sandbox does not compute, such as a trimmed mean."""
    if statistic not in BASIC and percentile_of(statistic) is None:
        raise NotEmulatedError(f"The statistic {statistic}")


def compute(samples: Sequence[Sample], statistic: str) -> float | None:
    """Returns a statistic of samples, or None if they have none."""
    if not samples:
        return None
    percentile = percentile_of(statistic)
    if percentile is not None:
        return _percentile(samples, percentile)
    count, total = sum(sample.count for sample in samples), sum(sample.total for sample in samples)
    if statistic == "Average":
        return total / count if count else None
    return {
        "SampleCount": count,
        "Sum": total,
        "Minimum": min(sample.minimum for sample in samples),
        "Maximum": max(sample.maximum for sample in samples),
    }[statistic]


def _percentile(samples: Sequence[Sample], percentile: float) -> float | None:
    """Returns a percentile by linear interpolation between the closest ranks.

    Statistic sets have one only if all their values are equal (User Guide, "Percentiles").
    """
    if any(sample.minimum != sample.maximum for sample in samples):
        return None
    ordered = sorted(samples, key=lambda sample: sample.minimum)
    position = percentile / 100 * (sum(sample.count for sample in ordered) - 1)
    low, high = int(position), int(position + 0.999999999)
    below, above = _at(ordered, low), _at(ordered, high)
    return below + (above - below) * (position - low)


def _at(ordered: Sequence[Sample], rank: int) -> float:
    """Returns the value with a rank, from 0, without expanding the counts."""
    passed = 0.0
    for sample in ordered:
        passed += sample.count
        if rank < passed:
            return sample.minimum
    return ordered[-1].minimum
