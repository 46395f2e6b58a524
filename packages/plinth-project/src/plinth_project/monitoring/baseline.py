"""The baseline of a version: statistics and constraints of its training data, as the registry has them.

The format is that of SageMaker Model Monitor (Amazon SageMaker Developer Guide, "Schema for Statistics
(statistics.json file)" and "Schema for Constraints (constraints.json file)"). Members of our own are about
rows that training did not see: ``predictions`` describes the predictions for them as a feature is described,
``quality`` measures these, ``groups`` counts the positive ones by group, and ``attributions`` weighs the features.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from plinth_project.monitoring.groups import Facet
from plinth_project.monitoring.reading import reason_of
from plinth_project.monitoring.values import canonical

Found = TypeVar("Found")
_FREQUENT, _LEAST_ROWS = 2, 10
"""Listed values of a column with unlisted ones are compared if they have this many times the rows of the rarest one,
and at least so many rows."""
NUMBERS, TEXTS, PREDICTIONS = "numbers", "texts", "predictions"
"""Groups of columns."""


class BaselineError(ValueError):
    """A file of the baseline is damaged, or lacks something."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Statistics of a column of numbers."""

    name: str
    group: str = NUMBERS
    rows: int
    """Rows that have a value."""
    completeness: float
    """Part of the rows that have a value, 0 to 1."""
    edges: Any
    """Bounds of the buckets, ascending; array of n + 1 numbers. A constant column has one bucket without width."""
    counts: Any
    """Rows in each bucket; array of n numbers. A bucket contains its lower bound, and the last one both."""


@dataclass(frozen=True, kw_only=True)
class Texts:
    """Statistics of a column of texts."""

    name: str
    group: str = TEXTS
    rows: int
    completeness: float
    counts: Mapping[str, int]
    """Rows by value. Rare values are missing in a column of more than a hundred."""

    @property
    def unlisted(self) -> int:
        """Rows whose value is not in ``counts``."""
        return max(self.rows - sum(self.counts.values()), 0)


Column = Numbers | Texts


@dataclass(frozen=True, kw_only=True)
class Quality:
    """The quality of the predictions for rows that training did not see."""

    measure: str
    """``roc_auc``, or ``rmse`` for a regression."""
    value: float
    error: float
    """Standard error of the value; of its square for ``rmse``."""
    classes: Sequence[str] = ()
    """The negative and the positive class; empty for a regression."""


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """Columns of the training data, and the limits that were registered with them."""

    columns: Mapping[str, Column]
    predictions: Numbers | None
    quality: Quality | None = None
    """None for a version whose build did not measure it."""
    facets: Sequence[Facet] = ()
    """Groups between which the build compared predictions, if their columns are features."""
    attributions: Mapping[str, float] = field(default_factory=dict)
    """Mean size of the SHAP values of each feature; empty for a version that the build did not explain."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """``monitoring_config`` of the constraints."""


def read_baseline(statistics: Path, constraints: Path) -> Baseline:
    """Reads both files. Raises BaselineError, which names the file and the place."""
    described, limits = _read(statistics), _read(constraints)
    completeness = _at(
        constraints,
        lambda: {feature["name"]: float(feature.get("completeness", 0.0)) for feature in limits["features"]},
    )
    columns = _at(
        statistics,
        lambda: {
            feature["name"]: _column(feature, completeness.get(feature["name"], 0.0))
            for feature in described["features"]
        },
    )
    predicted = described.get("predictions")
    predictions = None if predicted is None else _at(statistics, lambda: _numbers(predicted, 1.0, PREDICTIONS))
    measured = described.get("quality")
    quality = None if measured is None else _at(statistics, lambda: _quality(measured))
    return Baseline(
        columns=columns,
        predictions=predictions,
        quality=quality,
        facets=_at(statistics, lambda: [Facet.of(group) for group in described.get("groups") or ()]),
        attributions=_at(
            statistics, lambda: {str(name): float(it) for name, it in (described.get("attributions") or {}).items()}
        ),
        settings=limits.get("monitoring_config") or {},
    )


def _read(file: Path) -> dict[str, Any]:
    def content() -> dict[str, Any]:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found

    return _at(file, content)


def _at(file: Path, read: Callable[[], Found]) -> Found:
    try:
        return read()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BaselineError(
            f"{file.name}: {reason_of(error)}; the Baseline step of the build writes it. Build the version again"
        ) from error


def _column(feature: Mapping[str, Any], completeness: float) -> Column:
    if "numerical_statistics" in feature:
        return _numbers(feature, completeness, NUMBERS)
    described = feature["string_statistics"]
    buckets = described["distribution"]["categorical"]["buckets"]
    counts = {str(bucket["value"]): int(bucket["count"]) for bucket in buckets}
    rows = int(described["common"]["num_present"])
    if sum(counts.values()) < rows:
        # The rarest listed values are there by chance: they are more frequent in this sample than elsewhere.
        least = max(_FREQUENT * min(counts.values(), default=0), _LEAST_ROWS)
        counts = {value: count for value, count in counts.items() if count >= least}
    return Texts(
        name=str(feature["name"]),
        rows=rows,
        completeness=completeness,
        counts=counts,
    )


def _quality(measured: Mapping[str, Any]) -> Quality:
    return Quality(
        measure=str(measured["measure"]),
        value=float(measured["value"]),
        error=float(measured["error"]),
        classes=[canonical(str(class_)) for class_ in measured.get("classes", [])],
    )


def _numbers(feature: Mapping[str, Any], completeness: float, group: str) -> Numbers:
    described = feature["numerical_statistics"]
    buckets = described["distribution"]["quantile"]["buckets"]
    edges = [float(bucket["lower_bound"]) for bucket in buckets] + [
        float(bucket["upper_bound"]) for bucket in buckets[-1:]
    ]
    return Numbers(
        name=str(feature["name"]),
        group=group,
        rows=int(described["common"]["num_present"]),
        completeness=completeness,
        edges=np.array(edges),
        counts=np.array([float(bucket["count"]) for bucket in buckets]),
    )
