from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from inference.serve.__main__ import main
from inference.serve.application import Application
from inference.serve.parts import PARTS, PartsError, parts_of
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
    predictor: Any,
    body: str,
    kind: str = JSON,
    accept: str = "",
    request: str = "POST /invocations",
    parts: str = ",".join(PARTS),
) -> tuple[int, str]:
    """Returns status and body of an answer."""
    content, said = body.encode(), {}
    method, _, path = request.partition(" ")
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "CONTENT_TYPE": kind, "HTTP_ACCEPT": accept}

    def start(status: str, _: list[tuple[str, str]]) -> None:
        said["status"] = int(status.split()[0])

    answer = Application(predictor, parts_of(parts))(
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


def series(predictor: Predictor, body: str, kind: str, accept: str, *containers: str) -> tuple[int, str]:
    """Returns the answer of containers in series. Only the last one gets what the caller accepts."""
    for number, parts in enumerate(containers, start=1):
        wanted = accept if number == len(containers) else ""
        status, body = call(predictor, body, kind, wanted, parts=parts)
        if status != 200:
            break
        kind = JSON
    return status, body


@pytest.mark.parametrize(
    "containers", [("preprocess", "predict,postprocess"), ("preprocess,predict", "postprocess"), PARTS]
)
@pytest.mark.parametrize("problem", ["regression", "classification"])
def test_containers_in_series_predict_exactly_what_one_predicts(containers: tuple[str, ...], problem: str) -> None:
    table = TABLE.assign(number=[1.1, None, 0.3, 1 / 3])
    trees = HistGradientBoostingRegressor if problem == "regression" else HistGradientBoostingClassifier
    encoding = make_column_transformer((OneHotEncoder(sparse_output=False), ["group"]), remainder="passthrough")
    labels = table["total"] if problem == "regression" else table["total"] > 5
    fitted = make_pipeline(encoding, trees(min_samples_leaf=1)).fit(table[["number", "group"]], labels)
    model = Predictor(fitted=fitted, problem=problem, target="total", features=["number", "group"], texts=["group"])
    rows = json.dumps({"instances": json.loads(table[["number", "group"]].to_json(orient="records"))})
    alone = call(model, rows)
    assert len(set(json.loads(alone[1])["predictions"])) > 1
    assert series(model, rows, JSON, JSON, *containers) == alone
    lines = table[["number", "group"]].to_csv(index=False, header=False)
    assert series(model, lines, CSV, CSV, *containers) == call(model, lines, CSV)


def test_a_fault_of_the_caller_is_found_by_the_first_container(model: Predictor) -> None:
    status, body = series(model, '{"instances": [{"number": 1}]}', JSON, JSON, *PARTS)
    assert (status, json.loads(body)["error"]) == (400, "body: columns are missing: group")
    assert series(model, '{"instances": []}', JSON, JSON, *PARTS)[0] == 400
    assert call(model, '{"instances": []}') == (200, '{"predictions": []}')


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"features": "text"}', '{"features": [[1], [1, 2]]}'])
def test_a_container_refuses_what_no_container_has_sent(model: Predictor, body: str) -> None:
    status, answer = call(model, body, parts="predict")
    assert status == 400
    assert '{"features": numbers}' in json.loads(answer)["error"]


@pytest.mark.parametrize("parts", ["", "predict,preprocess", "preprocess,postprocess", "train"])
def test_parts_follow_one_another(parts: str) -> None:
    with pytest.raises(PartsError, match="name consecutive ones"):
        parts_of(parts)


def test_a_model_of_one_step_cannot_be_divided(
    model: Predictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("inference.serve.__main__.serve", lambda *_, **__: None)
    whole = Predictor(fitted=model.fitted[-1], problem="regression", target="total", features=["number"])
    for name, predictor in (("whole", whole), ("steps", model)):
        (tmp_path / name).mkdir()
        predictor.save(tmp_path / name, {})
    monkeypatch.setenv("SERVE_PARTS", "preprocess")
    main(["--model", str(tmp_path / "steps"), "--port", "1"])
    with pytest.raises(SystemExit):
        main(["--model", str(tmp_path / "whole"), "--port", "1"])
    assert "no step before its last one" in capsys.readouterr().err
