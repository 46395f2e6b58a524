"""Jobs of batch inference, and the local service, with a model that adds two columns."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from batch_inference.drift.__main__ import main as drift
from batch_inference.give_back.__main__ import main as give_back
from batch_inference.prepare.__main__ import main as prepare
from batch_inference.report.__main__ import main as report
from predict.contract import read_contract
from shared_libraries.archives import ARCHIVE, CODE, load_model
from shared_libraries.calls import API, MODEL, LocalRuntime, call_from, handler_call
from shared_libraries.statistics import constraints, statistics

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


def words(folder: Path, *names: str) -> list[str]:
    """Returns arguments with folders. The archive, and what is known of the training data, are in the folder itself."""
    return [word for name in names for word in (f"--{name}", str(folder if name == "version" else folder / name))]


def prepared(folder: Path) -> None:
    (folder / "input").mkdir()
    (folder / "input.csv").rename(folder / "input" / "data.csv")
    prepare(words(folder, "input", "version", "features", "others"))


def test_the_model_gets_its_columns_and_predictions_return_to_their_ids(folder: Path) -> None:
    prepared(folder)
    lines = (folder / "features" / "data.csv").read_text().splitlines()
    assert lines == ["0,1.0,1.0", "1,2.0,0.0", "2,5.0,2.0"]
    (folder / "predictions").mkdir()
    (folder / "predictions" / "data.csv.out").write_text("0,2.0\n1,2.0\n2,7.0\n")
    report(words(folder, "predictions", "others", "results", "report"))
    found = pd.read_csv(folder / "results" / "data.csv")
    assert list(found.columns) == ["id", "prediction"]
    assert list(found["id"]) == ["x", "y", "z"]
    assert found["prediction"].to_list() == pytest.approx([2, 2, 7])
    described = json.loads((folder / "report" / "report.json").read_text())
    assert described["dataset"]["item_count"] == 3
    assert described["features"][0]["numerical_statistics"]["max"] == pytest.approx(7)


def test_an_input_without_ids_has_predictions_alone(folder: Path) -> None:
    (folder / "input.csv").write_text("b,a\n1,2\n")
    prepared(folder)
    assert (folder / "features" / "data.csv").read_text() == "0,2,1\n"
    (folder / "predictions").mkdir()
    (folder / "predictions" / "data.csv.out").write_text("0,3.0\n")
    report(words(folder, "predictions", "others", "results", "report"))
    assert (folder / "results" / "data.csv").read_text() == "prediction\n3.0\n"


def test_a_missing_prediction_is_refused(folder: Path) -> None:
    prepared(folder)
    (folder / "predictions").mkdir()
    (folder / "predictions" / "data.csv.out").write_text("0,2.0\n2,7.0\n")
    with pytest.raises(ValueError, match="the numbers of the rows are not 0 to 1"):
        report(words(folder, "predictions", "others", "results", "report"))
    (folder / "predictions" / "data.csv.out").write_text("0,2.0\n1,7.0\n")
    with pytest.raises(ValueError, match="2 predictions for 3 rows"):
        report(words(folder, "predictions", "others", "results", "report"))


def test_an_input_without_a_column_of_the_model_or_with_newlines_is_refused(folder: Path) -> None:
    (folder / "input.csv").write_text("a\n1\n")
    with pytest.raises(ValueError, match="the data has no column b"):
        prepared(folder)
    (folder / "input" / "data.csv").write_text('a,b\n1,"x\ny"\n')
    with pytest.raises(ValueError, match="newlines, which batch transform cannot read: column b"):
        prepare(words(folder, "input", "version", "features", "others"))


def drifted(folder: Path, table: pd.DataFrame, predicted: float = 0.0, *told: str) -> list[tuple[str, str]]:
    """Returns the columns of an input that differ from training data, with the kinds of difference."""
    source = np.random.default_rng(7)
    size = 400
    trained = pd.DataFrame(
        {"a": source.normal(size=size), "b": source.integers(0, 5, size=size), "total": source.normal(size=size)}
    )
    described = statistics(trained, source.normal(size=size).tolist())
    for name, content in (("statistics", described), ("constraints", constraints(trained))):
        (folder / f"{name}.json").write_text(json.dumps(content))
    (folder / "input").mkdir(exist_ok=True)
    table.to_csv(folder / "input" / "data.csv", index=False)
    (folder / "predictions").mkdir(exist_ok=True)
    predictions = pd.Series(source.normal(predicted, size=len(table)))
    predictions.to_csv(folder / "predictions" / "data.csv.out", header=False)
    drift([*words(folder, "input", "version", "predictions", "output"), "--run", "1", *told])
    found, report = (json.loads((folder / "output" / f"{name}.json").read_text()) for name in ("drift", "report"))
    columns = sorted({finding["column"] for finding in report["findings"]})
    assert (found["differing"], found["columns"]) == (len(columns), ", ".join(columns))
    assert (folder / "output" / "report.html").exists()
    return [(finding["column"], finding["kind"]) for finding in report["findings"]]


class Events:
    """EventBridge, which accepts events or refuses them."""

    def __init__(self, refused: int = 0) -> None:
        self.refused, self.sent = refused, list[dict[str, str]]()

    def put_events(self, *, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        self.sent += Entries
        return {"FailedEntryCount": self.refused, "Entries": [{"ErrorCode": "AccessDenied"}] * self.refused}


VERSION = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/fraud--scoring-main/3"
BUS = "arn:aws:events:eu-west-1:222222222222:event-bus/fraud--scoring-monitoring"
TOLD = (
    "--bus=fraud--scoring-monitoring",
    f"--version-arn={VERSION}",
    "--use-case=fraud/scoring",
    "--report=s3://ml/run/report.html",
)


def test_in_production_an_event_says_what_was_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = Events()
    monkeypatch.setattr("boto3.client", lambda _: events)
    table = pd.DataFrame({"a": np.linspace(1, 4, 400), "b": np.arange(400) % 5})
    assert ("a", "drift") in drifted(folder, table, 0.0, *TOLD)
    (event,) = events.sent
    assert (event["EventBusName"], event["Source"]) == (BUS, "fraud.scoring")
    detail = json.loads(event["Detail"])
    assert (detail["environment"], detail["verdict"], detail["version"]) == ("production", "drift", VERSION)
    assert detail["report"] == "s3://ml/run/report.html"
    assert detail["reason"].startswith("drift in production: a")
    monkeypatch.setattr("boto3.client", lambda _: Events(refused=1))
    with pytest.raises(OSError, match=f"{BUS} does not accept the event"):
        drifted(folder, table, 0.0, *TOLD)


def similar(size: int = 250) -> pd.DataFrame:
    source = np.random.default_rng(11)
    return pd.DataFrame({"a": source.normal(size=size), "b": source.integers(0, 5, size=size), "id": range(size)})


def test_an_input_like_the_training_data_does_not_differ(folder: Path) -> None:
    assert drifted(folder, similar()) == []
    # A few rows show nothing.
    assert drifted(folder, similar(3)) == []


def test_columns_that_differ_from_the_training_data_are_named(folder: Path) -> None:
    table = similar()
    assert drifted(folder, table.assign(a=table["a"] + 1)) == [("a", "outside the range"), ("a", "drift")]
    assert drifted(folder, table.assign(b=table["b"] + 100)) == [("b", "outside the range"), ("b", "drift")]
    assert drifted(folder, table.assign(b=table["b"].where(table.index % 2 == 0))) == [("b", "missing values")]
    assert drifted(folder, table.assign(a="text")) == [("a", "wrong type")]
    assert drifted(folder, table.drop(columns="b")) == [("b", "missing column")]
    assert drifted(folder, table, predicted=0.5) == [("prediction", "drift")]


def test_results_are_put_as_one_object(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    class Client:
        def put_object(self, **request: Any) -> None:
            asked.append(request)

    monkeypatch.setattr("batch_inference.give_back.__main__.boto3.client", lambda _: Client())
    (folder / "results").mkdir()
    (folder / "results" / "data.csv").write_text("prediction\n1\n")
    key = "results/scores/fraud/production/1.csv"
    give_back([*words(folder, "results", "receipt"), "--target", f"s3://drop-s3alias/{key}"])
    assert asked == [{"Bucket": "drop-s3alias", "Key": key, "Body": b"prediction\n1\n"}]
    receipt = json.loads((folder / "receipt" / "returned.json").read_text())
    assert (receipt["drop_point"], receipt["key"]) == ("drop-s3alias", key)


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
