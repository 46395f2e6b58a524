"""The inference service from request to prediction, with the application infrastructure between both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from predict.contract import Contract, faults
from shared_libraries.calls import Answer

Row = dict[str, Any]
Predict = Callable[[list[Row]], Answer]
Labelled = list[tuple[Row, float]]


def test_an_answer_follows_the_contract(predict: Predict, labelled: Labelled, contract: Contract) -> None:
    found = predict([labelled[0][0]])
    assert found.status == 200, found.body
    assert faults(found.body, contract.response) == []
    assert found.body["version"] == contract.version
    assert len(found.body["predictions"]) == 1


def test_a_row_has_the_same_prediction_alone_and_among_others(predict: Predict, labelled: Labelled) -> None:
    rows = [row for row, _ in labelled[::100]]
    together = predict(rows).body["predictions"]
    assert len(set(together)) > 1, "the service answers the same for all rows"
    assert together == pytest.approx([predict([row]).body["predictions"][0] for row in rows])


def test_the_order_of_columns_does_not_matter(predict: Predict, labelled: Labelled) -> None:
    row = labelled[0][0]
    reordered = dict(reversed(row.items()))
    assert predict([reordered]).body["predictions"] == pytest.approx(predict([row]).body["predictions"])


def test_a_missing_column_is_refused(predict: Predict, labelled: Labelled) -> None:
    row = labelled[0][0]
    column = next(iter(row))
    found = predict([{name: value for name, value in row.items() if name != column}])
    assert found.status == 400
    # API Gateway refuses the request without details. The function, which tests call without the API, names the column.
    if found.body != {"message": "Invalid request body"}:
        assert f"body.instances[0].{column}: missing" in found.body["errors"]
