from __future__ import annotations

import json
import tarfile
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from postprocessing.baseline.__main__ import main
from training.train.__main__ import fit, predictor_of


def folder_with_model(folder: Path) -> Path:
    """Packs a model that predicts twice the amount."""
    folder.mkdir()
    joblib.dump(LinearRegression().fit(pd.DataFrame({"amount": [1.0, 2.0]}), [2.0, 4.0]), folder / "model.joblib")
    about = {"problem": "regression", "target": "total", "features": ["amount"], "texts": []}
    (folder / "about.json").write_text(json.dumps(about))
    with tarfile.open(folder / "model.tar.gz", "w:gz") as packed:
        for name in ("model.joblib", "about.json"):
            packed.add(folder / name, name)
    return folder


def test_the_job_describes_each_column_and_the_predictions_for_other_rows(tmp_path: Path) -> None:
    for name, rows in (("train", "1.5,IE,3\n2.5,,5\n"), ("validation", "10,IE,20\n20,IE,42\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data.csv").write_text(f"amount,country,total\n{rows}")
    folders = {name: tmp_path / name for name in ("train", "validation", "output")}
    folders["model"] = folder_with_model(tmp_path / "model")
    main([word for name, folder in folders.items() for word in (f"--{name}", str(folder))])
    statistics = json.loads((tmp_path / "output" / "statistics.json").read_text())
    assert statistics["dataset"] == {"item_count": 2}
    assert [feature["inferred_type"] for feature in statistics["features"]] == ["Fractional", "String", "Integral"]
    predictions = statistics["predictions"]["numerical_statistics"]
    assert [round(predictions[name]) for name in ("min", "max")] == [20, 40]
    assert statistics["quality"] == {"measure": "rmse", "value": pytest.approx(2**0.5), "error": pytest.approx(2)}
    constraints = json.loads((tmp_path / "output" / "constraints.json").read_text())
    assert [feature["completeness"] for feature in constraints["features"]] == [1.0, 0.5, 1.0]


def test_the_job_counts_positive_predictions_by_group_and_weighs_the_features(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    table = pd.DataFrame({"amount": random.normal(size=300), "age": random.integers(20, 80, 300)})
    table["granted"] = (table["amount"] > 0).astype(int)
    folders = {name: tmp_path / name for name in ("train", "validation", "model", "output", "facets")}
    for folder in folders.values():
        folder.mkdir()
    for name in ("train", "validation"):
        table.to_csv(folders[name] / "data.csv", index=False)
    members({"old": table["age"] >= 60, "south": table["age"] < 30}).to_csv(
        folders["facets"] / "validation.csv", index=False
    )
    fitted = fit(table, problem="classification", target="granted", seed=1, max_iter=10)
    features = table.drop(columns=["granted"])
    predictor_of(fitted, features, problem="classification", target="granted").save(folders["model"], {})
    with tarfile.open(folders["model"] / "model.tar.gz", "w:gz") as packed:
        for name in ("model.joblib", "about.json"):
            packed.add(folders["model"] / name, name)
    words = [word for name, folder in folders.items() for word in (f"--{name}", str(folder))]
    main([*words, "--explained-rows", "50", "--seed", "1"])
    statistics = json.loads((folders["output"] / "statistics.json").read_text())
    (group,) = statistics["groups"]
    assert (group["facet"], group["column"], group["at_least"], group["threshold"]) == ("age>=60", "age", 60, 0.5)
    old = table["age"] >= 60
    assert group["group"] == {"rows": int(old.sum()), "positive": int(table["granted"][old].sum())}
    assert group["others"]["rows"] == int((~old).sum())
    actual = int(table["granted"][old].sum())
    assert group["truth"]["group"] == {
        "rows": int(old.sum()),
        "right": int(old.sum()),
        "actual": actual,
        "found": actual,
    }
    assert group["truth"]["others"]["rows"] == int((~old).sum())
    assert statistics["attributions"]["amount"] > 5 * statistics["attributions"]["age"]


def members(groups: dict[str, pd.Series]) -> pd.DataFrame:
    """Returns the groups of rows as Split writes them. The region is no feature."""
    return pd.DataFrame({"age>=60": groups["old"], "region=south": groups["south"]}).astype(float)
