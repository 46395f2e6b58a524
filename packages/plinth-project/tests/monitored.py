"""Data of tests of monitoring: the module of the template that writes a baseline."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from plinth_project.modules import load
from plinth_project.monitoring.baseline import Baseline, read_baseline

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
