from __future__ import annotations

import pytest

from shared_libraries.metrics import (
    classification_metrics,
    gain_deciles,
    is_better,
    quality,
    regression_metrics,
)
from shared_libraries.problems import BIAS_OF_DATA, BIAS_OF_PREDICTIONS, PROBLEMS


def test_metrics_of_a_classification() -> None:
    found = classification_metrics([0, 0, 1, 1], [0.1, 0.6, 0.7, 0.9])
    assert found == {"accuracy": 0.75, "f1": 0.8, "precision": 0.6667, "recall": 1.0, "roc_auc": 1.0}
    assert (*found, *BIAS_OF_DATA, *BIAS_OF_PREDICTIONS) == PROBLEMS["classification"]


def test_metrics_of_a_regression() -> None:
    found = regression_metrics([1, 2, 3], [1, 2, 6])
    assert found == {"mae": 1.0, "r2": -3.5, "rmse": 1.7321}
    assert tuple(found) == PROBLEMS["regression"]


def test_gain_counts_positives_among_the_highest_scores() -> None:
    actual = [1] * 2 + [0] * 8
    assert gain_deciles(actual, [0.9, 0.1, *[0.5] * 8]) == [0.5] * 9 + [1.0]


@pytest.mark.parametrize(
    ("metric", "candidate", "better"), [("f1", 0.9, True), ("rmse", 0.9, False), ("mae", 0.1, True)]
)
def test_errors_are_better_when_they_are_smaller(metric: str, candidate: float, *, better: bool) -> None:
    assert is_better(metric, candidate, 0.5) is better


def test_the_quality_of_a_classification_has_an_error() -> None:
    found = quality(["no", "no", "yes", "yes"], [0.1, 0.6, 0.5, 0.9], ["no", "yes"])
    assert found == {"measure": "roc_auc", "value": 0.75, "error": pytest.approx(0.125**0.5), "classes": ["no", "yes"]}
    assert quality(["yes", "yes"], [0.5, 0.9], ["no", "yes"]) is None


def test_the_quality_of_a_regression_has_the_error_of_its_square() -> None:
    found = quality([1, 2, 3], [1, 2, 6])
    assert found == {"measure": "rmse", "value": pytest.approx(3**0.5), "error": pytest.approx(3)}
    assert quality([1], [1]) is None
