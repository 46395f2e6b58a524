from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import joblib
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from postprocessing.evaluate import __main__ as evaluate

TABLE = pd.DataFrame({"number": [1.0, 2.0, 3.0, 4.0], "label": [0, 0, 1, 1]})


def archive(folder: Path, problem: str, slope: int = 1) -> Path:
    """Packs a model that is right about TABLE, or always wrong with a negative slope."""
    folder.mkdir(parents=True)
    kind = LogisticRegression() if problem == "classification" else LinearRegression()
    joblib.dump(kind.fit(TABLE[["number"]] * slope, TABLE["label"]), folder / "model.joblib")
    about = {"problem": problem, "target": "label", "features": ["number"]}
    (folder / "about.json").write_text(json.dumps(about))
    with tarfile.open(folder / evaluate.ARCHIVE, "w:gz") as packed:
        for name in ("model.joblib", "about.json"):
            packed.add(folder / name, name)
    return folder


class S3:
    """Answers with the archive of the deployed model."""

    def __init__(self, deployed: Path) -> None:
        self._deployed = deployed

    def download_file(self, bucket: str, key: str, file: str) -> None:
        assert (bucket, key) == ("models", "7/model.tar.gz")
        shutil.copy(self._deployed / evaluate.ARCHIVE, file)


def report(tmp_path: Path, *words: str) -> dict[str, object]:
    (tmp_path / "test").mkdir()
    TABLE.to_csv(tmp_path / "test" / "data.csv", index=False)
    folders = ["--test", str(tmp_path / "test"), "--output", str(tmp_path / "output")]
    evaluate.main([*folders, *words])
    found: dict[str, object] = json.loads((tmp_path / "output" / "evaluation.json").read_text())
    return found


def test_the_report_has_the_metrics_of_the_test_data(tmp_path: Path) -> None:
    model = archive(tmp_path / "model", "classification")
    found = report(tmp_path, "--model", str(model), "--metric", "f1")
    assert found["metrics"]["f1"] == 1.0  # type: ignore[index]
    assert found["gain_deciles"][-1] == 1.0  # type: ignore[index]
    assert found["comparison"] == {"outcome": "nothing deployed", "deployed": "none"}
    assert found["rows"] == 4


def test_the_deployed_model_is_evaluated_on_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deployed = archive(tmp_path / "deployed", "regression", slope=-1)

    monkeypatch.setattr("boto3.client", lambda _: S3(deployed))
    words = ["--model", str(archive(tmp_path / "model", "regression")), "--metric", "rmse"]
    found = report(tmp_path, *words, "--deployed-model", "s3://models/7/model.tar.gz")
    assert found["comparison"]["outcome"] == "better"  # type: ignore[index]


def test_an_equal_model_is_not_better() -> None:
    equal = evaluate.comparison({"f1": 0.8}, {"f1": 0.8}, "f1")
    assert equal == {"outcome": "not better", "deployed": 0.8, "metrics": {"f1": 0.8}}


def test_groups_are_compared_for_the_candidate_and_for_the_deployed_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed, facets = archive(tmp_path / "deployed", "classification", slope=-1), tmp_path / "facets"
    facets.mkdir()
    pd.DataFrame({"sex=f": [1, 0, 1, 0]}).to_csv(facets / "test.csv", index=False)
    (facets / "bias.json").write_text('{"pre_training_bias_metrics": {"label": "label", "facets": {}}}')

    monkeypatch.setattr("boto3.client", lambda _: S3(deployed))
    words = ["--model", str(archive(tmp_path / "model", "classification")), "--metric", "f1", "--facets", str(facets)]
    found = report(tmp_path, *words, "--deployed-model", "s3://models/7/model.tar.gz")
    assert found["metrics"]["recall_difference"] == 0  # type: ignore[index]
    assert found["bias"]["sex=f"]["DI"] == 1  # type: ignore[index]
    assert found["comparison"]["metrics"]["accuracy_difference"] == 0  # type: ignore[index]
    bias = json.loads((tmp_path / "output" / "bias.json").read_text())
    assert set(bias) == {"version", "pre_training_bias_metrics", "post_training_bias_metrics"}
    assert bias["post_training_bias_metrics"]["facets"]["sex"][0]["value_or_threshold"] == "f"
