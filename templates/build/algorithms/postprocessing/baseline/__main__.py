"""Writes statistics and constraints of the training data, and of predictions for rows that training did not see.

Monitoring compares new data and new predictions with them, and the quality of predictions once their truth is known. If
the pipeline compares groups or explains predictions, monitoring compares both, too.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from inference.serve.predictor import Predictor
from postprocessing.evaluate.__main__ import ARCHIVE, load_model
from shared_libraries.arguments import add_path
from shared_libraries.fairness import Facet
from shared_libraries.metrics import THRESHOLD, quality
from shared_libraries.statistics import constraints, statistics
from shared_libraries.tables import read_table


def groups_of(
    model: Predictor, members: pd.DataFrame, predictions: Sequence[float], truth: Any = None
) -> list[dict[str, Any]]:
    """Returns rows and positive predictions by group. Requests do not have columns that are no features.

    ``truth`` says which labels are positive. With it, there are also the rows that were predicted right, and of those
    with a positive label the ones that were found.
    """
    positive = np.asarray(predictions) >= THRESHOLD
    found = []
    for text in members.columns:
        facet, inside = Facet.of(text), members[text].to_numpy()
        if facet.column not in model.features:
            continue
        sides = {"group": inside == 1, "others": inside == 0}
        counts: dict[str, Any] = {
            name: {"rows": int(rows.sum()), "positive": int(positive[rows].sum())} for name, rows in sides.items()
        }
        if truth is not None:
            counts["truth"] = {name: _truth(positive[rows], truth[rows]) for name, rows in sides.items()}
        found.append({"facet": text, "column": facet.column, **facet.bounds, "threshold": THRESHOLD, **counts})
    return found


def _truth(positive: Any, truth: Any) -> dict[str, int]:
    return {
        "rows": len(truth),
        "right": int((positive == truth).sum()),
        "actual": int(truth.sum()),
        "found": int((positive & truth).sum()),
    }


def attributions(model: Predictor, table: pd.DataFrame, rows: int, seed: int) -> dict[str, float]:
    """Returns the mean size of the SHAP values of each feature for some of the rows."""
    # Imported here, because importing shap takes time.
    from inference.serve.attributions import explained, mean_sizes

    values, _ = explained(model, table.sample(min(rows, len(table)), random_state=seed))
    return mean_sizes(values)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="baseline", description=__doc__)
    for name in ("train", "validation", "model", "output"):
        add_path(parser, name, f"folder: {name}")
    add_path(parser, "facets", "folder: group of each row, if there are facets", required=False)
    parser.add_argument("--explained-rows", type=int, default=0, help="rows for which SHAP values are computed")
    parser.add_argument("--seed", type=int, default=0, help="seed of the choice of these rows")
    given = parser.parse_args(words)
    table = read_table(given.train)
    model, unseen = load_model(given.model / ARCHIVE), read_table(given.validation)
    predictions = model.predictions(unseen)
    classes = model.fitted.classes_.tolist() if model.problem == "classification" else []
    measured = quality(unseen[model.target], predictions, classes) if model.target in unseen else None
    truth = (unseen[model.target] == classes[1]).to_numpy() if classes and model.target in unseen else None
    groups = None
    if given.facets:
        groups = groups_of(model, pd.read_csv(given.facets / "validation.csv"), predictions, truth)
    explained = attributions(model, unseen, given.explained_rows, given.seed) if given.explained_rows else None
    described = statistics(table, predictions, measured, groups=groups, attributions=explained)
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    (output / "statistics.json").write_text(json.dumps(described, indent=2))
    (output / "constraints.json").write_text(json.dumps(constraints(table), indent=2))
    print(f"columns: {len(table.columns)}")


if __name__ == "__main__":
    main()
