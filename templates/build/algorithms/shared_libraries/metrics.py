"""Metrics of predictions (TR-05), rounded to four decimals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn import metrics

from shared_libraries.problems import LOWER_IS_BETTER

_DECILES = 10


def classification_metrics(actual: Any, scores: Any, threshold: float = 0.5) -> dict[str, float]:
    """Returns the metrics of a binary classification from the scores of the positive class."""
    predicted = np.asarray(scores) >= threshold
    found = {
        "accuracy": metrics.accuracy_score(actual, predicted),
        "f1": metrics.f1_score(actual, predicted, zero_division=0),
        "precision": metrics.precision_score(actual, predicted, zero_division=0),
        "recall": metrics.recall_score(actual, predicted, zero_division=0),
        "roc_auc": metrics.roc_auc_score(actual, scores),
    }
    return _rounded(found)


def regression_metrics(actual: Any, predicted: Any) -> dict[str, float]:
    found = {
        "mae": metrics.mean_absolute_error(actual, predicted),
        "r2": metrics.r2_score(actual, predicted),
        "rmse": metrics.root_mean_squared_error(actual, predicted),
    }
    return _rounded(found)


def gain_deciles(actual: Any, scores: Any) -> list[float]:
    """Returns the share of all positives among the rows with the highest scores, for each tenth of the rows."""
    ranked = np.asarray(actual)[np.argsort(-np.asarray(scores), kind="stable")]
    total = max(int(ranked.sum()), 1)
    ends = [round(len(ranked) * tenth / _DECILES) for tenth in range(1, _DECILES + 1)]
    return [round(float(ranked[:end].sum() / total), 4) for end in ends]


def is_better(metric: str, candidate: float, deployed: float) -> bool:
    return candidate < deployed if metric in LOWER_IS_BETTER else candidate > deployed


def _rounded(found: Mapping[str, float]) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in found.items()}
