"""The archive of a registered model: the fitted pipeline, and what training noted about it."""

from __future__ import annotations

import json
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

ARCHIVE = "model.tar.gz"


@dataclass(frozen=True, kw_only=True)
class Model:
    """A trained model and the columns that it needs."""

    fitted: Any
    problem: str
    target: str
    features: list[str]

    def predictions(self, table: pd.DataFrame) -> list[float]:
        """Returns the score of the positive class, or the predicted number, of each row."""
        known = table[self.features]
        found = (
            self.fitted.predict_proba(known)[:, 1] if self.problem == "classification" else self.fitted.predict(known)
        )
        return [float(value) for value in found]


def about_model(archive: Path) -> dict[str, Any]:
    """Returns what training noted, without loading the model."""
    with tarfile.open(archive) as packed:
        member = packed.extractfile("about.json")
        if member is None:
            raise ValueError(f"{archive} contains no about.json")
        about: dict[str, Any] = json.load(member)
        return about


def load_model(archive: Path) -> Model:
    """Loads a model. Loading runs code of the archive, which comes from the registry or from this machine."""
    about = about_model(archive)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        fitted = joblib.load(Path(folder) / "model.joblib")
    return Model(fitted=fitted, **{name: about[name] for name in ("problem", "target", "features")})
