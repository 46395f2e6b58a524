"""Metrics of predictions (TR-05), rounded to four decimals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn import metrics

from shared_libraries.problems import LOWER_IS_BETTER

THRESHOLD = 0.5
"""Score from which on a prediction is positive."""
_DECILES = 10
_LEAST_ROWS = 2
"""Rows without which errors have no spread."""


def classification_metrics(actual: Any, scores: Any, threshold: float = THRESHOLD) -> dict[str, float]:
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


def quality(actual: Any, predictions: Any, classes: Sequence[Any] = ()) -> dict[str, Any] | None:
    """Returns the measure with which monitoring compares later predictions, once their truth is known: the area under
    the ROC curve of a classification, or the root mean square error. None if the rows do not give it.

    ``classes`` are the negative and the positive class; empty for a regression.
    """
    if not classes:
        errors = (np.asarray(actual, dtype=float) - np.asarray(predictions, dtype=float)) ** 2
        if len(errors) < _LEAST_ROWS:
            return None
        return {"measure": "rmse", "value": float(np.sqrt(errors.mean())), "error": _error_of_mean(errors)}
    positive, scores = np.asarray(actual) == classes[1], np.asarray(predictions, dtype=float)
    if min(positive.sum(), (~positive).sum()) < _LEAST_ROWS:
        return None
    # The variance by DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988).
    ranks = _ranks(scores)
    places = [(ranks[part] - _ranks(scores[part])) / (~part).sum() for part in (positive, ~positive)]
    error = float(np.hypot(*map(_error_of_mean, places)))
    known = {"error": error, "classes": [str(class_) for class_ in classes]}
    return {"measure": "roc_auc", "value": float(metrics.roc_auc_score(positive, scores)), **known}


def _ranks(scores: Any) -> Any:
    """Returns the rank of each score from 1; equal ones share theirs."""
    return pd.Series(scores).rank().to_numpy()


def _error_of_mean(values: Any) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))


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
