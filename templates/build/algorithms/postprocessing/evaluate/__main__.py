"""Evaluates a model on the test data, which training has not seen, and compares it with the deployed model."""

from __future__ import annotations

import argparse
import json
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from inference.serve.predictor import Predictor
from shared_libraries.arguments import add_path
from shared_libraries.fairness import BIAS, bias_of_predictions, metrics_of
from shared_libraries.fairness import report as report_of
from shared_libraries.metrics import THRESHOLD, classification_metrics, gain_deciles, is_better, regression_metrics
from shared_libraries.tables import read_table, require_columns

ARCHIVE = "model.tar.gz"
NOTHING = "none"
"""Value of ``--deployed-model`` if there is nothing to compare with."""


def load_model(archive: Path) -> Predictor:
    """Loads the model of an archive."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
            packed.extractall(folder)  # noqa: S202 - filtered
        return Predictor.load(Path(folder))


def evaluate(archive: Path, table: pd.DataFrame, groups: pd.DataFrame | None = None) -> dict[str, Any]:
    """Returns the metrics of a model and, for a classification, its gain by tenths of the rows. With the groups of the
    rows, the metrics include those of bias, and ``bias`` has its measures by facet."""
    model = load_model(archive)
    require_columns(table, [model.target, *model.features])
    actual, found = table[model.target], model.predictions(table)
    if model.problem == "regression":
        return {"metrics": regression_metrics(actual, found)}
    positive = actual == model.fitted.classes_[1]
    metrics, deciles = classification_metrics(positive, found), gain_deciles(positive, found)
    if groups is None:
        return {"metrics": metrics, "gain_deciles": deciles}
    bias = bias_of_predictions(groups, positive, np.asarray(found) >= THRESHOLD)
    return {"metrics": {**metrics, **metrics_of(bias)}, "gain_deciles": deciles, "bias": bias}


def bias_report(facets: Path, evaluated: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the bias of the training data and of the predictions, as an ``analysis.json`` of Clarify."""
    before: dict[str, Any] = json.loads((facets / BIAS).read_text())
    label = before["pre_training_bias_metrics"]["label"]
    return {"version": "1.0", **before, "post_training_bias_metrics": report_of(evaluated["bias"], label)}


def comparison(candidate: Mapping[str, float], deployed: Mapping[str, float], metric: str) -> dict[str, Any]:
    """Returns how a candidate compares with the deployed model on the same rows (TR-13), which has no metrics if
    nothing is deployed."""
    if not deployed:
        return {"outcome": "nothing deployed", "deployed": NOTHING}
    better = is_better(metric, candidate[metric], deployed[metric])
    return {"outcome": "better" if better else "not better", "deployed": deployed[metric], "metrics": dict(deployed)}


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="evaluate", description=__doc__)
    for name in ("model", "test", "output"):
        add_path(parser, name, f"folder: {name}")
    add_path(parser, "facets", "folder: group of each row, if there are facets", required=False)
    parser.add_argument("--deployed-model", default=NOTHING, help="S3 URI of the deployed archive, or none")
    parser.add_argument("--metric", required=True, help="metric of the comparison")
    given = parser.parse_args(words)
    table = read_table(given.test)
    groups = pd.read_csv(given.facets / "test.csv") if given.facets else None
    report = evaluate(given.model / ARCHIVE, table, groups)
    deployed: dict[str, float] = {}
    if given.deployed_model != NOTHING:
        import boto3

        bucket, _, key = given.deployed_model.removeprefix("s3://").partition("/")
        with tempfile.TemporaryDirectory() as folder:
            boto3.client("s3").download_file(bucket, key, str(Path(folder) / ARCHIVE))
            deployed = evaluate(Path(folder) / ARCHIVE, table, groups)["metrics"]
    report["comparison"] = comparison(report["metrics"], deployed, given.metric)
    report["rows"] = len(table)
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    (output / "evaluation.json").write_text(json.dumps(report, indent=2))
    if given.facets:
        (output / BIAS).write_text(json.dumps(bias_report(given.facets, report), indent=2))
    print(json.dumps(report))


if __name__ == "__main__":
    main()
