from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from inference.serve.__main__ import main
from inference.serve.application import Application
from inference.serve.predictor import Predictor

TABLE = pd.DataFrame({"number": [1.0, 2.0, 3.0, 4.0], "group": ["a", "a", "b", "b"], "total": [1.0, 2.0, 13.0, 14.0]})
JSON, CSV = "application/json", "text/csv"


@pytest.fixture(scope="module")
def model() -> Predictor:
    """A model that adds ten in group b."""
    encoding = make_column_transformer((OneHotEncoder(), ["group"]), remainder="passthrough")
    fitted = make_pipeline(encoding, LinearRegression()).fit(TABLE[["number", "group"]], TABLE["total"])
    return Predictor(fitted=fitted, problem="regression", target="total", features=["number", "group"], texts=["group"])


def call(
    predictor: Any, body: str, kind: str = JSON, accept: str = "", request: str = "POST /invocations"
) -> tuple[int, str]:
    """Returns status and body of an answer."""
    content, said = body.encode(), {}
    method, _, path = request.partition(" ")
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_TYPE": kind, "HTTP_ACCEPT": accept}

    def start(status: str, _: list[tuple[str, str]]) -> None:
        said["status"] = int(status.split()[0])

    answer = Application(predictor)(
        {**environ, "CONTENT_LENGTH": str(len(content)), "wsgi.input": io.BytesIO(content)}, start
    )
    return said["status"], b"".join(answer).decode()


def test_rows_are_answered_in_their_order_whatever_the_order_of_their_columns(model: Predictor) -> None:
    rows = [{"number": 1, "group": "b", "id": 7}, {"group": "a", "number": 2}]
    status, body = call(model, json.dumps({"instances": rows}))
    assert status == 200
    assert json.loads(body)["predictions"] == pytest.approx([11, 2])


def test_lines_are_answered_by_lines_or_by_json(model: Predictor) -> None:
    status, body = call(model, "1,b\n2,a\n", CSV)
    assert status == 200
    assert [float(line) for line in body.splitlines()] == pytest.approx([11, 2])
    assert json.loads(call(model, "1,b", CSV, accept=JSON)[1])["predictions"] == pytest.approx([11])
    assert call(model, "1,b", CSV, accept="*/*") == call(model, "1,b", CSV)


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        ("{", JSON, "expected JSON"),
        ("[" * 20_000, JSON, "expected JSON"),
        ('{"instances": [{"number": NaN, "group": "a"}]}', JSON, "expected JSON"),
        ("[]", JSON, "instances"),
        ('{"instances": [1]}', JSON, "instances"),
        ('{"instances": [{"number": 1}]}', JSON, "columns are missing: group"),
        ('{"instances": [{"number": "many", "group": "a"}]}', JSON, "number: expected numbers"),
        ('{"instances": [{"number": [1], "group": "a"}]}', JSON, "number: expected numbers"),
        ("1,a\n2\n", CSV, "line 2: 1 fields, expected 2: number, group"),
    ],
)
def test_a_malformed_request_is_the_fault_of_the_caller(model: Predictor, body: str, kind: str, reason: str) -> None:
    status, answer = call(model, body, kind)
    assert status == 400
    assert reason in json.loads(answer)["error"]


def test_a_missing_number_reaches_the_model_as_not_a_number() -> None:
    class Model:
        def predict(self, table: pd.DataFrame) -> Any:
            return np.where(table["number"].isna(), 1.0, 0.0)

    model = Predictor(fitted=Model(), problem="regression", target="total", features=["number"])
    assert json.loads(call(model, '{"instances": [{"number": null}, {"number": 2}]}')[1])["predictions"] == [1, 0]
    assert call(model, "\n", CSV)[0] == 400


def test_other_requests_are_refused(model: Predictor) -> None:
    assert call(model, "1,b", "text/plain")[0] == 415
    assert call(model, "1,b", CSV, accept="image/png")[0] == 406
    assert call(model, "", request="GET /invocations")[0] == 404
    assert call(model, "", request="GET /ping")[0] == 200
    assert json.loads(call(model, "", request="GET /execution-parameters")[1])["BatchStrategy"] == "MULTI_RECORD"


@pytest.mark.parametrize("value", [float("nan"), "text"])
def test_a_model_that_fails_or_predicts_no_number_is_a_fault_of_the_service(value: object) -> None:
    class Model:
        def predict(self, table: pd.DataFrame) -> Any:
            return [value] * len(table)

    model = Predictor(fitted=Model(), problem="regression", target="total", features=["number"])
    assert call(model, '{"instances": [{"number": 1}]}')[0] == 500


def test_the_program_serves_a_saved_model_on_the_named_port(
    model: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: dict[str, Any] = {}
    monkeypatch.setattr("inference.serve.__main__.serve", lambda *given, **named: served.update(named, app=given[0]))
    monkeypatch.setenv("SM_MODEL_DIR", str(tmp_path))
    monkeypatch.setenv("SAGEMAKER_BIND_TO_PORT", "8123")
    model.save(tmp_path, {})
    main([])
    assert served["port"] == 8123
    assert served["app"].predictor.features == ["number", "group"]
