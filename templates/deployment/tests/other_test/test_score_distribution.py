"""The distribution of predictions on a labelled sample: a model that works technically can still be wrong.

The sample of the template was part of the training data. Replace it with data that your model has not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import correlation, fmean, pstdev
from typing import Any

import pytest

from predict.contract import Contract
from shared_libraries.calls import Answer

Row = dict[str, Any]
Predict = Callable[[list[Row]], Answer]
Labelled = list[tuple[Row, float]]

MOST_SHIFT = 0.1
"""Largest difference of the means of predictions and true values, in standard deviations of the true values."""
LEAST_SPREAD = 0.4
"""Smallest standard deviation of predictions, in those of the true values."""
LEAST_CORRELATION = 0.5


@pytest.fixture(scope="module")
def pairs(predict: Predict, labelled: Labelled, contract: Contract) -> tuple[list[float], list[float]]:
    """Predictions and true values of the whole sample."""
    predictions: list[float] = []
    for start in range(0, len(labelled), contract.most_rows):
        found = predict([row for row, _ in labelled[start : start + contract.most_rows]])
        assert found.status == 200, found.body
        predictions += found.body["predictions"]
    return predictions, [label for _, label in labelled]


def test_predictions_are_not_shifted(pairs: tuple[list[float], list[float]]) -> None:
    predictions, labels = pairs
    assert abs(fmean(predictions) - fmean(labels)) <= MOST_SHIFT * pstdev(labels)


def test_predictions_are_spread(pairs: tuple[list[float], list[float]]) -> None:
    predictions, labels = pairs
    assert pstdev(predictions) >= LEAST_SPREAD * pstdev(labels)


def test_predictions_follow_the_true_values(pairs: tuple[list[float], list[float]]) -> None:
    assert correlation(*pairs) >= LEAST_CORRELATION
