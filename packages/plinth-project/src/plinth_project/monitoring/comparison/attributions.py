"""Attributions: how much each feature adds to the predictions of a window, and in which order.

A model may rely on other features than in training although no column has drifted enough to tell. The code that
computes SHAP values is in the archive of the version. Orders are compared by the normalized discounted cumulative gain,
as SageMaker Clarify does: Amazon SageMaker Developer Guide, "Feature attribution drift for models in production" (read
2026-11-28).
"""

from __future__ import annotations

import importlib
import math
import sys
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from plinth_project.monitoring.baseline import Baseline, Numbers
from plinth_project.monitoring.sampling import Reservoir
from plinth_project.monitoring.values import numbers_of

Explain = Callable[[pd.DataFrame], Mapping[str, float]]
"""Returns the mean size of the SHAP values of each feature for rows."""
ARCHIVE, CODE = "model.tar.gz", "code"
ROWS = 500
"""Rows of a window that are explained."""


@dataclass(frozen=True, kw_only=True)
class AttributionComparison:
    """Mean sizes of the SHAP values of each feature."""

    trained: Mapping[str, float]
    now: Mapping[str, float]
    gain: float
    """1 if the order of the features is that of training, less the more important features have lost their place."""
    rows: int
    """Explained rows."""
    drifted: bool


class Sample:
    """A random part of the rows of a window."""

    def __init__(self, size: int = ROWS, seed: int = 0) -> None:
        self._reservoir = Reservoir(size, seed)

    def add(self, rows: pd.DataFrame) -> None:
        self._reservoir.add(len(rows), lambda number: rows.iloc[number].to_dict())

    def table(self, features: Sequence[str], baseline: Baseline) -> pd.DataFrame:
        """Returns the rows as the model reads them: numbers are numbers or missing.

        Raises: ValueError if a feature is missing.
        """
        table = pd.DataFrame(self._reservoir.rows)
        if missing := sorted(set(features) - set(table.columns)):
            raise ValueError(f"no row has the column {', '.join(missing)}")
        for name in features:
            if isinstance(baseline.columns.get(name), Numbers):
                table[name] = numbers_of(table[name])
        return table[list(features)]


@dataclass(frozen=True)
class Model:
    """The model of a version, and the code in its archive that explains it."""

    archive: Path
    folder: Path
    """Folder into which the archive is unpacked."""

    def attributions(self, table: pd.DataFrame) -> dict[str, float]:
        """Returns the mean size of the SHAP values of each feature. Raises what the code of the archive raises."""
        with tarfile.open(self.archive) as packed:
            packed.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
            packed.extractall(self.folder)
        sys.path.insert(0, str(self.folder / CODE))
        try:
            predictor = importlib.import_module("inference.serve.predictor").Predictor.load(self.folder)
            module = importlib.import_module("inference.serve.attributions")
        finally:
            sys.path.pop(0)
        values, _ = module.explained(predictor, table)
        found: dict[str, float] = module.mean_sizes(values)
        return found


def compare_attributions(
    sample: Sample, features: Sequence[str], baseline: Baseline, explain: Explain, *, allowed: float
) -> AttributionComparison:
    """Compares the weights of features in a sample with those in training. ``allowed`` is the smallest gain of an order
    like that of training.

    Raises: ValueError if the version has no attributions or the sample lacks a feature, and what ``explain`` raises.
    """
    if not baseline.attributions:
        raise ValueError("the version was built without `explanation`; add it to input.json and build again")
    table = sample.table(features, baseline)
    now = explain(table)
    found = gain(baseline.attributions, now)
    return AttributionComparison(
        trained=baseline.attributions, now=now, gain=found, rows=len(table), drifted=found < allowed
    )


def gain(trained: Mapping[str, float], now: Mapping[str, float]) -> float:
    """Returns the normalized discounted cumulative gain of the present order of the features, by their weight in
    training. Features with equal weights keep the order of training."""
    before = sorted(trained, key=lambda name: -trained[name])
    present = sorted(before, key=lambda name: -now.get(name, 0.0))
    best = _discounted(trained, before)
    return _discounted(trained, present) / best if best else 1.0


def _discounted(weights: Mapping[str, float], order: Sequence[str]) -> float:
    return sum(weights[name] / math.log2(place) for place, name in enumerate(order, 2))
