from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from inference.serve.attributions import explained
from inference.serve.predictor import Predictor
from postprocessing.evaluate.__main__ import ARCHIVE
from postprocessing.explain import __main__ as explain
from training.train.__main__ import fit, predictor_of

RANDOM = np.random.default_rng(7)
ROWS = 400
TABLE = pd.DataFrame({"weight": RANDOM.normal(size=ROWS), "colour": RANDOM.choice(["red", "blue"], ROWS)})
TABLE["noise"] = RANDOM.normal(size=ROWS)
TABLE["label"] = (TABLE["weight"] + (TABLE["colour"] == "red") > 0.5).astype(int)
UNUSUAL = slice(0, 20)
TABLE.loc[UNUSUAL, "label"] = 1 - TABLE.loc[UNUSUAL, "label"]


def model(problem: str) -> Predictor:
    trained = TABLE[40:]
    fitted = fit(trained, problem=problem, target="label", seed=1, max_iter=30)
    return predictor_of(fitted, trained.drop(columns=["label"]), problem=problem, target="label")


@pytest.mark.parametrize("problem", ["classification", "regression"])
def test_the_values_of_a_row_add_up_to_what_the_trees_say_of_it(problem: str) -> None:
    trained = model(problem)
    values, base = explained(trained, TABLE[:50])
    assert list(values.columns) == ["weight", "colour", "noise"]
    trees = trained.fitted[-1]
    said = (trees.decision_function if problem == "classification" else trees.predict)(trained.preprocess(TABLE[:50]))
    assert values.sum(axis=1).to_numpy() + base == pytest.approx(said)
    importance = explain.importance(values)
    assert next(iter(importance)) == "weight"
    assert importance["noise"] < importance["colour"]


def test_the_error_analysis_names_the_rows_that_are_wrong() -> None:
    trained = model("classification")
    values, _ = explained(trained, TABLE[:100].reset_index(drop=True))
    predictions = np.asarray(trained.predictions(TABLE[:100]))
    found = explain.error_analysis(trained, TABLE[:100].reset_index(drop=True), predictions, values)
    named = {row["row"] for row in found["largest_errors"]}
    assert len(named & set(range(20))) >= 15
    assert found["erring_rows"] >= len(named)
    assert all(len(row["features"]) == 3 for row in found["largest_errors"])


def test_the_job_explains_a_part_of_the_rows(tmp_path: Path) -> None:
    folder, test, output = (tmp_path / name for name in ("model", "test", "output"))
    folder.mkdir()
    test.mkdir()
    model("classification").save(folder, {})
    with tarfile.open(folder / ARCHIVE, "w:gz") as packed:
        for name in ("model.joblib", "about.json"):
            packed.add(folder / name, name)
    TABLE.to_csv(test / "data.csv", index=False)
    words = ["--model", str(folder), "--test", str(test), "--output", str(output)]
    explain.main([*words, "--rows", "30", "--seed", "1"])
    report = json.loads((output / explain.REPORT).read_text())
    assert report["rows"] == 30
    (overall,) = report["explanations"]["tree_shap"].values()
    assert set(overall["global_shap_values"]) == {"weight", "colour", "noise"}
    values = pd.read_csv(output / explain.VALUES)
    assert list(values.columns) == ["row", "weight", "colour", "noise", "prediction"]
    score = 1 / (1 + np.exp(-(values[["weight", "colour", "noise"]].sum(axis=1) + overall["expected_value"])))
    assert score.to_numpy() == pytest.approx(values["prediction"].to_numpy(), abs=1e-4)
