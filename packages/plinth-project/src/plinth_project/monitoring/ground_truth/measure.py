"""The quality of predictions whose truth is known, compared with that on validation data.

A model is worse if chance does not explain the difference and if it matters, as for drift. Source of the error of the
area under the ROC curve: DeLong, DeLong and Clarke-Pearson, "Comparing the areas under two or more correlated receiver
operating characteristic curves", Biometrics 44 (1988).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from plinth_project.monitoring.baseline import Quality
from plinth_project.monitoring.report import WORSE, DayQuality, Limits

_CHANCE = 0.5
"""Area under the ROC curve of a model that knows nothing."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A measure of labelled rows, and its standard error. Both are squared errors for a regression."""

    value: float
    error: float


def day_quality(
    version: str, day: str, pairs: Sequence[tuple[float, str]], rows: int, trained: Quality | None, limits: Limits
) -> DayQuality:
    """Returns the quality of a day. ``pairs`` are predictions with their labels, among ``rows`` captured rows."""
    known = [] if trained is None else _known(pairs, trained)
    judged: dict[str, Any] = {"verdict": "not comparable"}
    if trained is not None:
        judged = {"measure": trained.measure, "trained": trained.value, **_judged(known, trained, limits)}
    unknown = 0 if trained is None else len(pairs) - len(known)
    labelled = len(pairs) if trained is None else len(known)
    return DayQuality(version=version, day=day, rows=rows, labelled=labelled, unknown_labels=unknown, **judged)


def _known(pairs: Sequence[tuple[float, str]], trained: Quality) -> list[tuple[float, float]]:
    """Returns predictions with their truth as a number: 1 for the positive class."""
    if trained.classes:
        return [
            (prediction, float(label == trained.classes[1])) for prediction, label in pairs if label in trained.classes
        ]
    return [(prediction, number) for prediction, label in pairs if math.isfinite(number := _number(label))]


def _number(label: str) -> float:
    try:
        return float(label)
    except ValueError:
        return math.nan


def _judged(known: Sequence[tuple[float, float]], trained: Quality, limits: Limits) -> dict[str, Any]:
    if len(known) < limits.minimum_rows:
        return {"verdict": "too few labels"}
    predictions, truth = np.array(known).T
    if trained.classes:
        if truth.all() or not truth.any():
            return {"verdict": "too few labels"}
        now = area_under_curve(predictions, truth)
        value, worse_by = now.value, trained.value - now.value
        lost = worse_by / max(trained.value - _CHANCE, math.ulp(1.0))
    else:
        errors = (predictions - truth) ** 2
        now = Measured(value=float(errors.mean()), error=_error_of_mean(errors))
        value, worse_by = math.sqrt(now.value), now.value - trained.value**2
        lost = value / max(trained.value, math.ulp(1.0)) - 1
    p_value = _p_value(worse_by, math.hypot(now.error, trained.error))
    worse = p_value < limits.significance and lost >= limits.quality
    return {"now": value, "p_value": p_value, "verdict": WORSE if worse else "as in training"}


def area_under_curve(scores: Any, truth: Any) -> Measured:
    """Returns the area under the ROC curve; ``truth`` is an array of 0 and 1 with both."""
    ranks, positive = stats.rankdata(scores), truth > 0
    of_positives = (ranks[positive] - stats.rankdata(scores[positive])) / (~positive).sum()
    of_negatives = (ranks[~positive] - stats.rankdata(scores[~positive])) / positive.sum()
    error = math.hypot(_error_of_mean(of_positives), _error_of_mean(of_negatives))
    return Measured(value=float(of_positives.mean()), error=error)


def _error_of_mean(values: Any) -> float:
    return float(values.std(ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0


def _p_value(worse_by: float, error: float) -> float:
    """Returns the chance of a difference of this size or more if nothing has changed."""
    if not error:
        return 0.0 if worse_by > 0 else 1.0
    return float(stats.norm.sf(worse_by / error))
