"""Jobs of batch inference, and the local service, with a model that adds two columns."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from batch_inference.report.__main__ import main as report
from batch_inference.score.__main__ import main as score
from predict.contract import read_contract
from shared_libraries.archives import ARCHIVE, CODE, load_model
from shared_libraries.calls import API, MODEL, LocalRuntime, call_from, handler_call

PREDICTOR = b"""
import joblib, json

class Predictor:
    @classmethod
    def load(cls, folder):
        found = cls()
        found.fitted = joblib.load(folder / "model.joblib")
        found.__dict__.update(json.loads((folder / "about.json").read_text()))
        return found

    def predictions(self, table):
        return self.fitted.predict(table[self.features]).tolist()
"""
"""Code that predicts, as an archive contains it."""
TABLE = pd.DataFrame({"a": [1.0, 2.0, 5.0], "b": [1.0, 0.0, 2.0], "total": [2.0, 2.0, 7.0], "id": ["x", "y", "z"]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the archive of a model, as training writes it, and an input."""
    fitted = LinearRegression().fit(TABLE[["a", "b"]], TABLE["total"])
    about = {"problem": "regression", "target": "total", "features": ["a", "b"]}
    packed, body = io.BytesIO(), json.dumps(about).encode()
    joblib.dump(fitted, packed)
    with tarfile.open(tmp_path / ARCHIVE, "w:gz") as archive:
        contents = {"about.json": body, "model.joblib": packed.getvalue(), CODE.as_posix(): PREDICTOR}
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    TABLE.to_csv(tmp_path / "input.csv", index=False)
    return tmp_path


def test_predictions_stay_beside_ids_and_have_a_report(folder: Path) -> None:
    score(["--input", str(folder), "--model", str(folder), "--output", str(folder / "results")])
    found = pd.read_csv(folder / "results" / "data.csv")
    assert list(found.columns) == ["id", "prediction"]
    assert list(found["id"]) == ["x", "y", "z"]
    assert found["prediction"].to_list() == pytest.approx([2, 2, 7])
    report(["--predictions", str(folder / "results"), "--output", str(folder / "reports")])
    described = json.loads((folder / "reports" / "report.json").read_text())
    assert described["dataset"]["item_count"] == 3
    assert described["features"][0]["numerical_statistics"]["max"] == pytest.approx(7)


def test_an_input_without_a_column_of_the_model_is_refused(folder: Path) -> None:
    (folder / "input.csv").write_text("a\n1\n")
    with pytest.raises(ValueError, match="the data has no column b"):
        score(["--input", str(folder), "--model", str(folder), "--output", str(folder / "results")])


def test_a_model_on_this_machine_answers_like_an_endpoint(folder: Path) -> None:
    body = json.dumps({"instances": [{"b": 2, "a": 5}]}).encode()
    answer: dict[str, Any] = json.loads(LocalRuntime(folder / ARCHIVE).invoke_endpoint(Body=body)["Body"].read())
    assert answer["predictions"] == pytest.approx([7])
    assert load_model(folder / ARCHIVE).target == "total"


def test_an_archive_without_code_that_predicts_is_refused(folder: Path) -> None:
    (folder / "about.json").write_text("{}")
    with tarfile.open(folder / ARCHIVE, "w:gz") as archive:
        archive.add(folder / "about.json", "about.json")
    with pytest.raises(FileNotFoundError, match="train again"):
        load_model(folder / ARCHIVE)


def test_the_environment_chooses_the_service(folder: Path) -> None:
    assert call_from({}) is None
    assert call_from({MODEL: str(folder / ARCHIVE)}) is not None


def test_an_endpoint_is_called_through_the_handler() -> None:
    assert handler_call(None, "scoring")("{", "application/json").status == 400


def test_requests_to_the_api_are_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    class Sent:
        status_code, content = 200, b'{"predictions": []}'

    def send(_: object, request: Any) -> Sent:
        sent.append(request)
        return Sent()

    monkeypatch.setattr("botocore.httpsession.URLLib3Session.send", send)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    call = call_from({API: "https://api.example/live/"})
    assert call is not None
    assert call("{}", "application/json").status == 200
    assert sent[0].url == f"https://api.example/live/v{read_contract().version.split('.')[0]}/predictions"
    assert "/eu-west-1/execute-api/aws4_request" in str(sent[0].headers["Authorization"])
