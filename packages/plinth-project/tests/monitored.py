"""Data of tests of monitoring: the module of the template that writes a baseline, and captures that are a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from plinth_project.modules import load
from plinth_project.monitoring.baseline import Baseline, read_baseline
from plinth_project.monitoring.captures import Batch

ALGORITHMS = Path(__file__).parents[3] / "templates" / "build" / "algorithms"
WINDOW = "2026-11-27T13"


def baseline_of(folder: Path, table: pd.DataFrame, predictions: Sequence[float] = ()) -> Baseline:
    """Returns the baseline of training data, as the build writes it into a folder."""
    template = load(ALGORITHMS, "shared_libraries/statistics.py")
    files = folder / "statistics.json", folder / "constraints.json"
    for file, content in zip(
        files, (template.statistics(table, predictions), template.constraints(table)), strict=True
    ):
        file.write_text(json.dumps(content))
    return read_baseline(*files)


class Rows:
    """Captures whose rows are already a table."""

    def __init__(self, table: pd.DataFrame, answered: Sequence[float], features: Sequence[str]) -> None:
        self.features, self.requests, self.unreadable = features, len(table), 0
        self.examples: list[str] = []
        self._batch = Batch(table, answered)

    def batches(self) -> Any:
        if len(self._batch.rows):
            yield self._batch
