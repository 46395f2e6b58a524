"""The archive of a registered model: the fitted pipeline, what training noted about it, and the code that predicts."""

from __future__ import annotations

import importlib.util
import json
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

ARCHIVE = "model.tar.gz"
CODE = Path("code") / "inference" / "serve" / "predictor.py"
"""Module of the archive that predicts. Endpoints run it too."""


@dataclass(frozen=True)
class Model:
    """A trained model with the code that its version predicts with."""

    predictor: Any

    @property
    def target(self) -> str:
        return str(self.predictor.target)

    @property
    def features(self) -> list[str]:
        return list(self.predictor.features)

    def predictions(self, table: pd.DataFrame) -> list[float]:
        """Returns the score of the positive class, or the predicted number, of each row."""
        found: list[float] = self.predictor.predictions(table)
        return found


def about_model(archive: Path) -> dict[str, Any]:
    """Returns what training noted, without loading the model."""
    with tarfile.open(archive) as packed:
        member = packed.extractfile("about.json")
        if member is None:
            raise ValueError(f"{archive} contains no about.json")
        about: dict[str, Any] = json.load(member)
        return about


def load_model(archive: Path) -> Model:
    """Loads a model. Loading runs code of the archive, which comes from the registry or from this machine.

    Raises FileNotFoundError if the archive has no code that predicts.
    """
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
            packed.extractall(folder)  # noqa: S202 - filtered
        if not (Path(folder) / CODE).is_file():
            raise FileNotFoundError(f"{archive} contains no {CODE}; update the build repository and train again")
        return Model(_module(Path(folder) / CODE).Predictor.load(Path(folder)))


def _module(file: Path) -> ModuleType:
    """Imports a module that is in no folder of the search path."""
    spec = importlib.util.spec_from_file_location("model_predictor", file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{file} is no module")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
