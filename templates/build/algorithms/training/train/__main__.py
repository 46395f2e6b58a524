"""Trains gradient boosted trees on a table, together with the encoding of its columns."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import sklearn
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from inference.serve.predictor import Predictor
from shared_libraries.arguments import add_path
from shared_libraries.fairness import weights
from shared_libraries.metrics import classification_metrics, regression_metrics
from shared_libraries.problems import PROBLEMS
from shared_libraries.tables import read_table, require_columns

NUMBERS = {"learning_rate": float, "max_iter": int, "max_leaf_nodes": int, "l2_regularization": float}
"""Hyperparameters of the trees and their types. SageMaker passes all values as text."""
CONTROLS = ("problem", "target", "seed")
"""Hyperparameters that choose what is trained."""
REWEIGH = "reweigh"
"""Hyperparameter of a training that weighs rows, so that labels do not depend on the groups of facets (WP-20)."""
ALGORITHMS = Path(__file__).resolve().parents[2]
SERVING = Path("inference") / "serve"
"""Folder of the code that predicts, below ``ALGORITHMS``."""


class HyperparameterError(ValueError):
    """A hyperparameter is unknown, missing or no number."""


def hyperparameters(given: Mapping[str, str]) -> dict[str, Any]:
    """Returns the hyperparameters of the trees. SageMaker adds some of its own, whose names begin with ``_``."""
    found: dict[str, Any] = {}
    for name, text in given.items():
        if name in (*CONTROLS, REWEIGH) or name.startswith("_"):
            continue
        if name not in NUMBERS:
            raise HyperparameterError(f"{name} is unknown; known are {', '.join(sorted(NUMBERS))}")
        try:
            found[name] = NUMBERS[name](float(text))
        except ValueError as error:
            raise HyperparameterError(f"{name}: {text} is not a number") from error
    if missing := [name for name in CONTROLS if name not in given]:
        raise HyperparameterError(f"{', '.join(missing)}: required")
    return found


def fit(
    table: pd.DataFrame, *, problem: str, target: str, seed: int, row_weights: Any = None, **values: Any
) -> Pipeline:
    """Returns a fitted pipeline. It contains the encoding, so that serving applies the same one as training."""
    features, labels = table.drop(columns=[target]), table[target]
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    trees = HistGradientBoostingClassifier if problem == "classification" else HistGradientBoostingRegressor
    model = make_pipeline(
        make_column_transformer((encoder, text_columns(features)), remainder="passthrough"),
        trees(random_state=seed, **values),
    )
    weighed = {} if row_weights is None else {f"{model.steps[-1][0]}__sample_weight": row_weights}
    return model.fit(features, labels, **weighed)


def text_columns(table: pd.DataFrame) -> list[str]:
    return [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]


def predictor_of(model: Pipeline, features: pd.DataFrame, *, problem: str, target: str) -> Predictor:
    """Returns a fitted pipeline with the columns that it was fitted to."""
    columns, texts = list(features.columns), text_columns(features)
    return Predictor(fitted=model, problem=problem, target=target, features=columns, texts=texts)


def score(model: Pipeline, table: pd.DataFrame, *, problem: str, target: str) -> dict[str, float]:
    features = table.drop(columns=[target])
    found = predictor_of(model, features, problem=problem, target=target).predictions(features)
    return (classification_metrics if problem == "classification" else regression_metrics)(table[target], found)


def add_code(folder: Path) -> None:
    """Copies the code that predicts into the folder of the model, so that tests and endpoints run the same."""
    target = folder / "code" / SERVING
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted((ALGORITHMS / SERVING).glob("*.py")):
        shutil.copyfile(file, target / file.name)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="train", description=__doc__)
    for name in ("train", "validation", "model"):
        add_path(parser, name, f"folder: {name}")
    add_path(parser, "hyperparameters", "JSON file of the hyperparameters")
    add_path(parser, "facets", "folder: groups of the rows, by which they are weighed", required=False)
    given = parser.parse_args(words)
    settings: dict[str, str] = json.loads(given.hyperparameters.read_text())
    values = hyperparameters(settings)
    problem, target, seed = (settings[name] for name in CONTROLS)
    if problem not in PROBLEMS:
        raise HyperparameterError(f"problem: {problem} is not one of {', '.join(PROBLEMS)}")
    train, validation = read_table(given.train), read_table(given.validation)
    require_columns(train, [target])
    row_weights = None
    if settings.get(REWEIGH) == "yes":
        row_weights = weights(pd.read_csv(given.facets / "train.csv"), train[target])
    model = fit(train, problem=problem, target=target, seed=int(seed), row_weights=row_weights, **values)
    predictor = predictor_of(model, train.drop(columns=[target]), problem=problem, target=target)
    folder: Path = given.model
    folder.mkdir(parents=True, exist_ok=True)
    predictor.save(folder, {"hyperparameters": settings, "scikit-learn": sklearn.__version__})
    add_code(folder)
    # SageMaker reads the metrics of a job from such lines (MetricDefinitions of the request).
    for name, value in score(model, validation, problem=problem, target=target).items():
        print(f"validation:{name}={value};")


if __name__ == "__main__":
    main()
