"""Groups of people are compared before and after training, and the predictions of a version are explained."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.templates.projects import run

DATA = Path("algorithms") / "preprocessing" / "split" / "test" / "input" / "sample.csv"
INPUT = Path("ml_pipelines") / "training" / "input.json"
ROWS = 1500
GROUPS = {"facets": [{"column": "sex", "values": ["f"]}]}
PASSED = {"metric": "accuracy", "at_least": 0.5}


def loans() -> pd.DataFrame:
    """Returns applications for loans: the older decisions favoured men, and the region gives the sex away."""
    random = np.random.default_rng(3)
    men, income = random.random(ROWS) < 0.6, random.normal(size=ROWS)
    region = np.where(random.random(ROWS) < 0.95, men, ~men)
    granted = income / 2 + np.where(men, 0.6, -0.6) + random.normal(size=ROWS) > 0
    return pd.DataFrame(
        {
            "income": income.round(4),
            "region": np.where(region, "north", "south"),
            "sex": np.where(men, "m", "f"),
            "granted": granted.astype(int),
        }
    )


def trained(project: Path, copy: Path, **settings: Any) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Runs the pipeline of a copy of the project on this machine. Returns the command and, if it succeeded, the request
    of the registration."""
    shutil.copytree(project, copy)
    loans().to_csv(copy / DATA, index=False)
    configuration = json.loads((copy / INPUT).read_text())
    data = {"source": "sample", "file": DATA.as_posix(), "target": "granted", "ignored": ["sex"]}
    (copy / INPUT).write_text(json.dumps({**configuration, "data": data, **settings}))
    done = run(copy, "run", "--local")
    file = copy / "build" / "local" / "registered.json"
    return done, json.loads(file.read_text()) if file.exists() else {}


def stored(copy: Path, uri: str) -> Path:
    return copy / "build" / "local" / "s3" / uri.removeprefix("s3://")


@pytest.mark.nightly
@pytest.mark.requirement("WP-03.b", "CI-10.c", "WP-04.a", "WP-04.b", "TOOL-05.d", "WP-20", "SZ-08.c")
def test_a_version_keeps_its_bias_and_its_explanation_and_weights_mitigate_the_bias(
    project: Path, tmp_path: Path
) -> None:
    gates = [PASSED, {"metric": "predicted_proportion_difference", "at_most": 0.9}]
    settings = {"explanation": {"rows": 100}, "gates": gates}
    differences, areas = [], []
    for reweigh in (False, True):
        copy = tmp_path / f"reweigh-{reweigh}"
        done, request = trained(project, copy, fairness={**GROUPS, "reweigh": reweigh}, **settings)
        assert request, done.stdout + done.stderr
        differences.append(float(request["CustomerMetadataProperties"]["predicted_proportion_difference"]))
        areas.append(json.loads(stored(copy, reports(request)["ModelQuality"]).read_text())["metrics"]["roc_auc"])
    assert differences[0] > 0.4
    assert differences[1] < differences[0] / 2
    assert areas[1] < areas[0]  # what was granted before favoured men
    bias = json.loads(stored(copy, reports(request)["Bias"]).read_text())
    (group,) = bias["pre_training_bias_metrics"]["facets"]["sex"]
    measured = {metric["name"]: metric["value"] for metric in group["metrics"]}
    assert measured["DPL"] > 0.3
    assert measured["CI"] == pytest.approx(0.2, abs=0.1)
    explanation = stored(copy, reports(request)["Explainability"])
    (overall,) = json.loads(explanation.read_text())["explanations"]["tree_shap"].values()
    assert list(overall["global_shap_values"]) == ["income", "region"]
    assert json.loads(explanation.read_text())["errors"]["importance_where_it_errs"]["region"] > 0
    assert len(pd.read_csv(explanation.with_name("explanations.csv"))) == 100
    card = json.loads(request["ModelCard"]["ModelCardContent"])
    (details,) = card["evaluation_details"]
    assert details["metadata"]["Bias"] == reports(request)["Bias"]
    named = {metric["name"]: metric["value"] for metric in details["metric_groups"][0]["metric_data"]}
    assert named["predicted_proportion_difference"] == differences[1]


@pytest.mark.nightly
@pytest.mark.requirement("WP-03.a", "WP-03.d")
@pytest.mark.parametrize(
    ("metric", "trains"), [("label_proportion_difference", False), ("predicted_proportion_difference", True)]
)
def test_a_gate_of_bias_ends_the_run_and_that_of_the_data_before_training(
    project: Path, tmp_path: Path, metric: str, trains: bool
) -> None:
    gates = [PASSED, {"metric": metric, "at_most": 0.1}]
    done, request = trained(project, tmp_path / "copy", fairness=GROUPS, gates=gates)
    assert not request
    assert f"{metric} 0." in done.stderr
    assert "> 0.1" in done.stderr
    assert (tmp_path / "copy" / "build" / "local" / "containers" / "Train").exists() is trains


def reports(request: dict[str, Any]) -> dict[str, str]:
    """Returns the URI of each report of a version by its kind."""
    return {
        kind: next(iter(found.values()))["S3Uri"]
        for kind, found in request["ModelMetrics"].items()
        if kind != "ModelDataQuality"
    }
