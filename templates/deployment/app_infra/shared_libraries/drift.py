"""Differences between a table and the statistics of another one, as SageMaker Model Monitor names them.

Source: Amazon SageMaker Developer Guide, "Schema for Violations (constraint_violations.json file)" (read 2026-11-22).
The distance of two distributions is the largest difference of their shares: accumulated for numbers, by value for
texts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

THRESHOLD = 0.1
"""Distance that is allowed if the constraints name none."""
_CERTAINTY = 1.95
"""Factor of the distance that two samples of one distribution exceed once in a thousand cases (Kolmogorov-Smirnov
test)."""


def violations(
    table: pd.DataFrame, names: Sequence[str], statistics: Mapping[str, Any], constraints: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Returns how the columns ``names`` differ from the statistics and constraints of the training data.

    Columns of which the training data has no statistics are not compared. Other columns, such as ids, neither.
    """
    trained = {one["name"]: one for one in statistics["features"]}
    limits = {one["name"]: one for one in constraints["features"]}
    settings = constraints.get("monitoring_config", {}).get("distribution_constraints", {})
    threshold = float(settings.get("comparison_threshold", THRESHOLD))
    found = []
    for name in names:
        if name not in trained:
            continue
        if name not in table:
            found.append(_violation(name, "missing_column_check", "the input has no such column"))
            continue
        found += [
            _violation(name, kind, text)
            for kind, text in _differences(table[name], trained[name], limits.get(name, {}), threshold)
        ]
    return found


def _violation(name: str, kind: str, text: str) -> dict[str, str]:
    return {"feature_name": name, "constraint_check_type": kind, "description": text}


def _differences(
    column: pd.Series, trained: Mapping[str, Any], limits: Mapping[str, Any], threshold: float
) -> Iterator[tuple[str, str]]:
    completeness, least = float(column.notna().mean()), float(limits.get("completeness", 0))
    spread = _CERTAINTY * math.sqrt(least * (1 - least) / len(column))
    if completeness < least - spread:
        yield "completeness_check", f"{completeness:.0%} of the rows have a value, {least:.0%} in training"
    described = trained.get("numerical_statistics") or trained["string_statistics"]
    rows = int(described["common"]["num_present"])
    present = column.dropna()
    if present.empty or not rows:
        return
    if "numerical_statistics" in trained:
        numbers = pd.to_numeric(present, errors="coerce")
        if wrong := int(numbers.isna().sum()):
            yield "data_type_check", f"{wrong} of {len(present)} values are no numbers"
            return
        distance = _of_numbers(numbers, described["distribution"]["quantile"]["buckets"])
    else:
        distance = _of_texts(present.astype(str), described["distribution"]["categorical"]["buckets"])
    allowed = threshold + _CERTAINTY * math.sqrt((len(present) + rows) / (len(present) * rows))
    if distance > allowed:
        yield "baseline_drift_check", f"distance {distance:.2f} from the training data, {allowed:.2f} allowed"


def _of_numbers(column: pd.Series, buckets: Sequence[Mapping[str, float]]) -> float:
    """Returns the largest difference of accumulated shares at the bounds of the buckets."""
    counts = np.array([one["count"] for one in buckets])
    lows, highs = (np.array([one[name] for one in buckets]) for name in ("lower_bound", "upper_bound"))
    before = np.concatenate([[0.0], np.cumsum(counts)[:-1]]) / counts.sum()
    values = np.sort(column.to_numpy(dtype=float))
    below = np.searchsorted(values, lows, side="left") / len(values)
    above = np.searchsorted(values, highs[-1:], side="right") / len(values)
    return float(max(np.abs(below - before).max(), np.abs(1 - above).max()))


def _of_texts(column: pd.Series, buckets: Sequence[Mapping[str, Any]]) -> float:
    """Returns the largest difference of the share of a value."""
    total = sum(one["count"] for one in buckets)
    trained = {str(one["value"]): float(one["count"] / total) for one in buckets}
    shares = {str(value): float(share) for value, share in column.value_counts(normalize=True).items()}
    return max(abs(shares.get(value, 0.0) - trained.get(value, 0.0)) for value in {*trained, *shares})
