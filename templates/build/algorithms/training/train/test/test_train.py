from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from inference.serve.predictor import Predictor
from training.train.__main__ import HyperparameterError, fit, hyperparameters, main

NUMBERS = np.random.default_rng(1).normal(size=200)
TABLE = pd.DataFrame({"number": NUMBERS, "group": ["a", "b"] * 100, "label": (NUMBERS > 0).astype(int)})


def given(tmp_path: Path, **hyperparameters: str) -> list[str]:
    for name in ("train", "validation"):
        (tmp_path / name).mkdir()
        TABLE.to_csv(tmp_path / name / "data.csv", index=False)
    file = tmp_path / "hyperparameters.json"
    file.write_text(json.dumps({"problem": "classification", "target": "label", "seed": "1", **hyperparameters}))
    folders = [word for name in ("train", "validation", "model") for word in (f"--{name}", str(tmp_path / name))]
    return [*folders, "--hyperparameters", str(file)]


def test_the_job_leaves_a_model_that_encodes_its_columns_and_prints_its_metrics(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(given(tmp_path, max_iter="5", _tuning_objective_metric="f1"))
    model = Predictor.load(tmp_path / "model")
    high, low = model.predictions(pd.DataFrame({"number": [3.0, -3.0], "group": ["c", "a"]}))
    assert high > low
    assert "validation:f1=" in capsys.readouterr().out
    assert json.loads((tmp_path / "model" / "about.json").read_text())["features"] == ["number", "group"]


def test_the_model_brings_the_code_that_predicts(tmp_path: Path) -> None:
    main(given(tmp_path, max_iter="5"))
    code = tmp_path / "model" / "code" / "inference" / "serve"
    modules = {"__main__.py", "application.py", "attributions.py", "parts.py", "predictor.py"}
    assert {file.name for file in code.iterdir()} == modules


def test_a_regression_predicts_numbers() -> None:
    table = TABLE.drop(columns=["group"]).assign(label=NUMBERS * 2)
    model = fit(table, problem="regression", target="label", seed=1, max_iter=50)
    low, high = model.predict(pd.DataFrame({"number": [-1.0, 1.0]}))
    assert low < -1 < 1 < high


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"depth": "3"}, "depth is unknown"),
        ({"max_iter": "many"}, "many is not a number"),
        ({}, "problem, target, seed: required"),
    ],
)
def test_wrong_hyperparameters_are_refused(wrong: dict[str, str], reason: str) -> None:
    with pytest.raises(HyperparameterError, match=reason):
        hyperparameters(wrong)


def test_an_unknown_problem_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HyperparameterError, match="ranking is not one of classification, regression"):
        main(given(tmp_path, problem="ranking"))


def test_reweighed_rows_make_predictions_independent_of_the_group(tmp_path: Path) -> None:
    words = given(tmp_path, max_iter="20")
    # Four of five labels of the group a are positive, and one of five of the group b.
    fifth = np.random.default_rng(2).integers(5, size=len(TABLE)) == 0
    biased = TABLE.assign(label=((TABLE["group"] == "a") ^ fifth).astype(int))
    for part in ("train", "validation"):
        biased.to_csv(tmp_path / part / "data.csv", index=False)
    (tmp_path / "facets").mkdir()
    pd.DataFrame({"group=b": (TABLE["group"] == "b").astype(float)}).to_csv(tmp_path / "facets/train.csv", index=False)

    def difference() -> float:
        scores = pd.Series(Predictor.load(tmp_path / "model").predictions(biased))
        return abs(float((scores[::2] >= 0.5).mean() - (scores[1::2] >= 0.5).mean()))

    main(words)
    before = difference()
    settings = tmp_path / "hyperparameters.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "reweigh": "yes"}))
    main([*words, "--facets", str(tmp_path / "facets")])
    assert difference() < before / 2
