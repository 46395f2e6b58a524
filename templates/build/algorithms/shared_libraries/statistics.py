"""Statistics and constraints of a table, against which monitoring compares new data.

The format is that of SageMaker Model Monitor, so that accounts that use it can read the files: Amazon SageMaker
Developer Guide, "Schema for Statistics (statistics.json file)" and "Schema for Constraints (constraints.json file)".
Instead of its sketches, a numerical distribution has buckets with the same number of rows. Members of our own are about
rows that training did not see: ``predictions`` describes the predictions for them, ``quality`` measures these,
``groups`` counts the positive ones by group, and ``attributions`` has the mean size of the SHAP values of each feature.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

PREDICTION = "prediction"
"""Name of the column of predictions."""
_BUCKETS = 50
"""Buckets of a numerical distribution. A shift within one of them is not noticed."""
_MOST_CATEGORIES = 100
"""Distinct values of a text column that its distribution lists."""
_DIGITS = 12


def statistics(
    table: pd.DataFrame, predictions: Sequence[float] = (), quality: Mapping[str, Any] | None = None, **others: Any
) -> dict[str, Any]:
    """Returns the statistics of a table, of predictions for other rows, and other members that are not None."""
    features = [_feature(str(name), table[name]) for name in table.columns]
    described: dict[str, Any] = {"version": 0.0, "dataset": {"item_count": len(table)}, "features": features}
    if predictions:
        described["predictions"] = _feature(PREDICTION, pd.Series(predictions, dtype=float))
    known = {"quality": quality, **others}
    return {**described, **{name: value for name, value in known.items() if value is not None}}


def constraints(table: pd.DataFrame) -> dict[str, Any]:
    features = []
    for name in table.columns:
        column, kind = table[name], _kind(table[name])
        feature = {"name": str(name), "inferred_type": kind, "completeness": round(float(column.notna().mean()), 4)}
        if kind == "String":
            feature["string_constraints"] = {"domains": sorted(map(str, column.dropna().unique()))[:_MOST_CATEGORIES]}
        else:
            feature["num_constraints"] = {"is_non_negative": bool((column.dropna() >= 0).all())}
        features.append(feature)
    monitoring = {
        "evaluate_constraints": "Enabled",
        "emit_metrics": "Enabled",
        "datatype_check_threshold": 1.0,
        "domain_content_threshold": 1.0,
        "distribution_constraints": {
            "perform_comparison": "Enabled",
            "comparison_threshold": 0.1,
            "comparison_method": "Robust",
        },
    }
    return {"version": 0.0, "features": features, "monitoring_config": monitoring}


def _feature(name: str, column: pd.Series) -> dict[str, Any]:
    kind = _kind(column)
    common = {"num_present": int(column.notna().sum()), "num_missing": int(column.isna().sum())}
    if kind == "String":
        counts = column.dropna().astype(str).value_counts().head(_MOST_CATEGORIES)
        categories = [{"value": value, "count": int(count)} for value, count in counts.items()]
        described = {
            "common": common,
            "distinct_count": int(column.nunique()),
            "distribution": {"categorical": {"buckets": categories}},
        }
        return {"name": name, "inferred_type": kind, "string_statistics": described}
    numbers = column.dropna().astype(float)
    described = {
        "common": common,
        "mean": _number(numbers.mean()),
        "sum": _number(numbers.sum()),
        "std_dev": _number(numbers.std(ddof=0)),
        "min": _number(numbers.min()),
        "max": _number(numbers.max()),
        "distribution": {"quantile": {"buckets": _buckets(numbers)}},
    }
    return {"name": name, "inferred_type": kind, "numerical_statistics": described}


def _buckets(numbers: pd.Series) -> list[dict[str, float]]:
    if numbers.empty:
        return []
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, _BUCKETS + 1)))
    edges = edges if len(edges) > 1 else np.array([edges[0], edges[0]])
    counts, _ = np.histogram(numbers, bins=edges) if edges[0] < edges[-1] else (np.array([len(numbers)]), None)
    pairs = zip(edges[:-1], edges[1:], counts, strict=True)
    return [{"lower_bound": float(low), "upper_bound": float(high), "count": float(n)} for low, high, n in pairs]


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_integer_dtype(column):
        return "Integral"
    return "Fractional" if pd.api.types.is_float_dtype(column) else "String"


def _number(value: float) -> float:
    """Returns a number with few digits, which a column of small numbers needs after many zeros."""
    return float(f"{float(value):.{_DIGITS}g}") if pd.notna(value) else 0.0
