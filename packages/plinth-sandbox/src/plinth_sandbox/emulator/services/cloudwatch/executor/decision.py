"""Decision about the state of an alarm from the values of its periods.

Source: CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data", with its two tables of examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plinth_sandbox.emulator.services.cloudwatch.executor.expressions import Points

FURTHER_PERIODS = 2
"""Periods that CloudWatch retrieves beyond the evaluated ones, so that real values can replace missing ones. In the
examples, an alarm with three evaluation periods has an evaluation range of five."""
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


@dataclass(frozen=True, slots=True)
class Criteria:
    """When an alarm goes off."""

    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: str
    """``missing``, ``ignore``, ``breaching`` or ``notBreaching``."""

    @property
    def range(self) -> int:
        """Number of periods to retrieve."""
        return self.evaluation_periods + FURTHER_PERIODS

    def breaches(self, value: float) -> bool:
        return COMPARISONS[self.comparison](value, self.threshold)


def decide(points: Points, criteria: Criteria) -> str | None:
    """Returns the state that follows from the values of the evaluation range, or None if the alarm keeps its state.

    ``points`` are in the order of time.
    """
    real = [criteria.breaches(point) for point in points if point is not None]
    evaluated = real[-criteria.evaluation_periods :]
    absent = criteria.evaluation_periods - len(evaluated)
    breaching = sum(evaluated)
    if absent and criteria.missing == "breaching":
        breaching += absent
    if breaching >= criteria.datapoints_to_alarm:
        return "ALARM"
    if not absent or criteria.missing in ("breaching", "notBreaching") or not all(evaluated):
        return "OK"
    if criteria.missing == "ignore":
        return None
    if not evaluated:
        return "INSUFFICIENT_DATA"
    return "ALARM" if _is_old_enough(points, criteria) else None


def _is_old_enough(points: Points, criteria: Criteria) -> bool:
    """Returns whether the oldest breaching value is as old as the number of values that raise the alarm.

    Later values are then breaching or missing, and waiting for more of them would delay the alarm ("Avoiding premature
    transitions to alarm state").
    """
    window = points[-criteria.evaluation_periods :]
    age = next((len(window) - index for index, point in enumerate(window) if point is not None), 0)
    return age >= criteria.datapoints_to_alarm
