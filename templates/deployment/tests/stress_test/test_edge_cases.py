"""Edge cases: malformed and extreme requests, and many requests at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from predict.contract import Contract
from shared_libraries.calls import Answer, Call

Row = dict[str, Any]
Predict = Callable[[list[Row]], Answer]
Labelled = list[tuple[Row, float]]
JSON = "application/json"


@pytest.mark.parametrize(
    "body", ["", "{", "null", "[]", "{}", '{"instances": null}', "[" * 20_000, '{"instances": [NaN]}']
)
def test_a_malformed_request_is_the_fault_of_the_caller(call: Call, body: str) -> None:
    assert call(body, JSON).status == 400


@pytest.mark.parametrize("value", ["text", True, [], {}, float("nan"), float("inf"), 10**400])
def test_a_wrong_value_is_the_fault_of_the_caller(call: Call, labelled: Labelled, value: object) -> None:
    row = labelled[0][0]
    body = json.dumps({"instances": [{**row, next(iter(row)): value}]})
    assert call(body, JSON).status == 400


def test_the_answer_to_a_wrong_value_names_its_column_and_does_not_repeat_the_value(
    call: Call, labelled: Labelled
) -> None:
    row = labelled[0][0]
    column = next(iter(row))
    answer = call(json.dumps({"instances": [row, {**row, column: "someone's secret"}]}), JSON)
    (error,) = answer.body["errors"]
    assert (answer.status, error.partition(":")[0]) == (400, f"body.instances[1].{column}")
    assert "secret" not in error


def test_another_content_type_is_refused(call: Call) -> None:
    assert call("1,2,3", "text/csv").status == 415


def test_requests_have_a_least_and_a_greatest_size(predict: Predict, labelled: Labelled, contract: Contract) -> None:
    rows = [row for row, _ in labelled]
    most = (rows * (contract.most_rows // len(rows) + 1))[: contract.most_rows]
    assert predict([]).status == 400
    assert len(predict(most).body["predictions"]) == contract.most_rows
    assert predict([*most, rows[0]]).status == 400


def test_requests_at_the_same_time_do_not_mix(predict: Predict, labelled: Labelled) -> None:
    rows = [row for row, _ in labelled[::100]]
    alone = [predict([row]).body["predictions"] for row in rows]
    with ThreadPoolExecutor(max_workers=8) as pool:
        found = list(pool.map(lambda row: predict([row]), rows * 4))
    assert [answer.status for answer in found] == [200] * len(found)
    assert [answer.body["predictions"] for answer in found] == [pytest.approx(predictions) for predictions in alone * 4]
