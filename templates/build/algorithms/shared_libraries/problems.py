"""Kinds of problems and their metrics."""

from __future__ import annotations

from collections.abc import Mapping

BIAS_OF_DATA = ("class_imbalance", "label_proportion_difference")
"""Metrics that compare groups in the training data. They are known before training."""
BIAS_OF_PREDICTIONS = (
    "predicted_proportion_difference",
    "disparate_impact",
    "accuracy_difference",
    "recall_difference",
)
"""Metrics that compare the predictions for groups."""
PROBLEMS: Mapping[str, tuple[str, ...]] = {
    "classification": ("accuracy", "f1", "precision", "recall", "roc_auc", *BIAS_OF_DATA, *BIAS_OF_PREDICTIONS),
    "regression": ("mae", "r2", "rmse"),
}
"""Names of the metrics by kind of problem."""
LOWER_IS_BETTER = (
    "mae",
    "rmse",
    *BIAS_OF_DATA,
    *(metric for metric in BIAS_OF_PREDICTIONS if metric != "disparate_impact"),
)
