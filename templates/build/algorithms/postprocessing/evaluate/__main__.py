"""Evaluates a model on the test data, which training has not seen, and compares it with the deployed model."""

from __future__ import annotations

import argparse
import json
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from inference.serve.predictor import Predictor
from shared_libraries.arguments import add_path
from shared_libraries.metrics import classification_metrics, gain_deciles, is_better, regression_metrics
from shared_libraries.tables import read_table, require_columns

ARCHIVE = "model.tar.gz"
NOTHING = "none"
"""Value of ``--deployed-model`` if there is nothing to compare with."""


def load_model(archive: Path) -> Predictor:
    """Loads the model of an archive."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        return Predictor.load(Path(folder))


def evaluate(archive: Path, table: pd.DataFrame) -> dict[str, Any]:
    """Returns the metrics of a model and, for a classification, its gain by tenths of the rows."""
    model = load_model(archive)
    require_columns(table, [model.target, *model.features])
    actual, found = table[model.target], model.predictions(table)
    if model.problem == "regression":
        return {"metrics": regression_metrics(actual, found)}
    positive = actual == model.fitted.classes_[1]
    return {"metrics": classification_metrics(positive, found), "gain_deciles": gain_deciles(positive, found)}


def comparison(candidate: float, deployed: float | None, metric: str) -> dict[str, Any]:
    """Returns how a candidate compares with the deployed model on the same rows (TR-13)."""
    if deployed is None:
        return {"outcome": "nothing deployed", "deployed": NOTHING}
    return {"outcome": "better" if is_better(metric, candidate, deployed) else "not better", "deployed": deployed}


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="evaluate", description=__doc__)
    for name in ("model", "test", "output"):
        add_path(parser, name, f"folder: {name}")
    parser.add_argument("--deployed-model", default=NOTHING, help="S3 URI of the deployed archive, or none")
    parser.add_argument("--metric", required=True, help="metric of the comparison")
    given = parser.parse_args(words)
    table = read_table(given.test)
    report = evaluate(given.model / ARCHIVE, table)
    deployed = None
    if given.deployed_model != NOTHING:
        import boto3

        bucket, _, key = given.deployed_model.removeprefix("s3://").partition("/")
        with tempfile.TemporaryDirectory() as folder:
            boto3.client("s3").download_file(bucket, key, str(Path(folder) / ARCHIVE))
            deployed = evaluate(Path(folder) / ARCHIVE, table)["metrics"][given.metric]
    report["comparison"] = comparison(report["metrics"][given.metric], deployed, given.metric)
    report["rows"] = len(table)
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    (output / "evaluation.json").write_text(json.dumps(report, indent=2))
    print(json.dumps(report))


if __name__ == "__main__":
    main()
