"""Kinds of problems and their metrics."""

from __future__ import annotations

from collections.abc import Mapping

PROBLEMS: Mapping[str, tuple[str, ...]] = {
    "classification": ("accuracy", "f1", "precision", "recall", "roc_auc"),
    "regression": ("mae", "r2", "rmse"),
}
"""Names of the metrics by kind of problem."""
LOWER_IS_BETTER = ("mae", "rmse")
