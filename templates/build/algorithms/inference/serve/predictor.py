"""A trained model and its predictions. Training copies this module into the archive of the model.

Endpoints, batch inference and tests run the copy, so that a version predicts the same everywhere. The module therefore
imports nothing of this repository.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import joblib
import pandas as pd

MODEL, ABOUT = "model.joblib", "about.json"


class InvalidRowsError(ValueError):
    """Rows lack a column of the model, or have a value that is no number in a column of numbers."""


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """A trained model and the columns that it needs."""

    fitted: Any
    problem: str
    target: str
    features: Sequence[str]
    texts: Sequence[str] = ()
    """Columns whose values are texts. All others contain numbers."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Loads the model in a folder, as training wrote it."""
        about: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        known = {name: about[name] for name in ("problem", "target", "features")}
        # Models of earlier versions of the template do not say which columns contain texts.
        return cls(fitted=joblib.load(folder / MODEL), texts=about.get("texts", about["features"]), **known)

    def save(self, folder: Path, about: Mapping[str, Any]) -> None:
        """Writes the model, and what is known about it, into a folder."""
        joblib.dump(self.fitted, folder / MODEL)
        known = {name: getattr(self, name) for name in ("problem", "target", "features", "texts")}
        (folder / ABOUT).write_text(json.dumps({**known, **about}, indent=2), encoding="utf-8")

    def predictions(self, table: pd.DataFrame) -> list[float]:
        """Returns the score of the positive class, or the predicted number, of each row.

        Raises InvalidRowsError.
        """
        return self.postprocess(self.predict(self.preprocess(table)))

    @property
    def is_divisible(self) -> bool:
        """Whether a step of its own encodes the columns, so that several containers can share the work."""
        return len(getattr(self.fitted, "steps", ())) > 1

    def preprocess(self, table: pd.DataFrame) -> Any:
        """Returns the features of each row, as the steps before the last one encode them. Raises InvalidRowsError."""
        known = self._typed(table)
        return self.fitted[:-1].transform(known) if self.is_divisible else known

    def predict(self, features: Any) -> Any:
        """Returns what the last step says of each row: the scores of all classes, or a number."""
        last = self.fitted[-1] if self.is_divisible else self.fitted
        return last.predict_proba(features) if self.problem == "classification" else last.predict(features)

    def postprocess(self, scores: Any) -> list[float]:
        """Returns the predictions that callers get: the score of the positive class, or the number."""
        found = scores[:, 1] if self.problem == "classification" else scores
        return [float(value) for value in found]

    def predictions_of(self, rows: Sequence[Mapping[str, Any]]) -> list[float]:
        """Returns the prediction of each row, which maps columns to values. Raises InvalidRowsError."""
        return self.predictions(self.table_of(rows)) if rows else []

    def table_of(self, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """Returns rows as a table. Raises InvalidRowsError if a column is missing."""
        missing = [name for name in self.features if any(name not in row for row in rows)]
        if missing:
            raise InvalidRowsError(f"columns are missing: {', '.join(missing)}")
        return pd.DataFrame(rows)

    def _typed(self, table: pd.DataFrame) -> pd.DataFrame:
        """Returns the columns of the model. A missing value of a column of numbers is not a number (NaN)."""
        known = table[list(self.features)].copy()
        for name in known.columns:
            if name in self.texts:
                continue
            try:
                known[name] = pd.to_numeric(known[name])
            except (TypeError, ValueError) as error:
                raise InvalidRowsError(f"{name}: expected numbers") from error
        return known
