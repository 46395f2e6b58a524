"""Explains predictions for the test data: how much each feature adds to each of them, and where the model errs.

The values are SHAP values of the trees (Lundberg and others, Nature Machine Intelligence 2, 2020): those of a row and
the base value add up to what the trees say of it, log-odds in a classification.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from inference.serve.attributions import explained, mean_sizes
from inference.serve.predictor import Predictor
from postprocessing.evaluate.__main__ import ARCHIVE, load_model
from shared_libraries.arguments import add_path
from shared_libraries.metrics import THRESHOLD
from shared_libraries.tables import read_table, require_columns

REPORT, VALUES = "explanation.json", "explanations.csv"
_WORST, _REASONS, _ERRING = 20, 3, 0.1
"""Rows of the error analysis, features named for each of them, and the part of the rows of a regression that errs."""
_DIGITS = 6


def importance(values: pd.DataFrame) -> dict[str, float]:
    """Returns the mean size of the values of each feature, the largest first."""
    found = sorted(mean_sizes(values).items(), key=lambda item: -item[1])
    return {name: round(size, _DIGITS) for name, size in found}


def error_analysis(model: Predictor, table: pd.DataFrame, found: Any, values: pd.DataFrame) -> dict[str, Any]:
    """Returns which features the model relies on where it errs and elsewhere, and the rows with the largest errors.

    ``found`` is an array of the predictions. In a classification, a row errs if its class is wrong; in a regression,
    the tenth with the largest errors does.
    """
    if model.problem == "classification":
        actual = (table[model.target] == model.fitted.classes_[1]).to_numpy(dtype=float)
        errors = np.abs(actual - found)
        erring = (found >= THRESHOLD) != (actual == 1)
    else:
        errors = np.abs(table[model.target].to_numpy(dtype=float) - found)
        erring = errors >= np.quantile(errors, 1 - _ERRING)
    largest = np.argsort(-errors, kind="stable")[:_WORST]
    return {
        "erring_rows": int(erring.sum()),
        "importance_where_it_errs": importance(values[erring]) if erring.any() else {},
        "importance_elsewhere": importance(values[~erring]) if not erring.all() else {},
        "largest_errors": [_row(row, found, errors, values) for row in largest if erring[row]],
    }


def _row(row: int, found: Any, errors: Any, values: pd.DataFrame) -> dict[str, Any]:
    own = values.iloc[row]
    reasons = own.loc[own.abs().sort_values(ascending=False).index[:_REASONS]]
    return {
        "row": int(row),
        "prediction": round(float(found[row]), _DIGITS),
        "error": round(float(errors[row]), _DIGITS),
        "features": {str(name): round(float(value), _DIGITS) for name, value in reasons.items()},
    }


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="explain", description=__doc__)
    for name in ("model", "test", "output"):
        add_path(parser, name, f"folder: {name}")
    parser.add_argument("--rows", type=int, required=True, help="largest number of rows")
    parser.add_argument("--seed", type=int, required=True, help="seed of the choice of rows")
    given = parser.parse_args(words)
    model, table = load_model(given.model / ARCHIVE), read_table(given.test)
    require_columns(table, [model.target, *model.features])
    if len(table) > given.rows:
        table = table.sample(given.rows, random_state=given.seed).sort_index()
    table = table.reset_index(drop=True)
    values, base = explained(model, table)
    predictions = np.asarray(model.predictions(table))
    # The format of the explanations in an analysis.json of Clarify (Amazon SageMaker Developer Guide, read 2026-11-28).
    overall = {"label0": {"global_shap_values": importance(values), "expected_value": round(base, _DIGITS)}}
    report = {
        "version": "1.0",
        "explanations": {"tree_shap": overall},
        "rows": len(table),
        "errors": error_analysis(model, table, predictions, values),
    }
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    (output / REPORT).write_text(json.dumps(report, indent=2))
    values.assign(prediction=predictions).round(_DIGITS).to_csv(output / VALUES, index_label="row")
    print(f"rows: {len(table)}")


if __name__ == "__main__":
    main()
