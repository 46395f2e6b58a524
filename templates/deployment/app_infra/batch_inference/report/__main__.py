"""Joins predictions with the ids of their rows, and describes them: their number, statistics and distribution."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from shared_libraries.arguments import add_path
from shared_libraries.statistics import statistics
from shared_libraries.tables import FILE, write_table

PREDICTION = "prediction"
RESULT = f"{FILE}.out"
"""Result of batch transform for the file of features."""


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="report", description=__doc__)
    for name in ("predictions", "others", "results", "report"):
        add_path(parser, name, f"folder: {name}")
    given = parser.parse_args(words)
    predictions = read_predictions(given.predictions)
    others = read_others(given.others, len(predictions))
    write_table(others.assign(**{PREDICTION: predictions.to_numpy()}), given.results)
    folder: Path = given.report
    folder.mkdir(parents=True, exist_ok=True)
    described = statistics(predictions.to_frame())
    (folder / "report.json").write_text(json.dumps(described, indent=2))
    print(f"rows: {described['dataset']['item_count']}")


def read_predictions(folder: Path) -> pd.Series:
    """Returns the predictions in the order of the input. Raises ValueError if rows are missing or repeated."""
    table = pd.read_csv(folder / RESULT, header=None, names=["row", PREDICTION], index_col="row")
    if list(table.index) != list(range(len(table))):
        raise ValueError(f"{RESULT}: the numbers of the rows are not 0 to {len(table) - 1}")
    return table[PREDICTION]


def read_others(folder: Path, rows: int) -> pd.DataFrame:
    """Returns the columns beside the features, which may be none. Raises ValueError for another number of rows."""
    try:
        table = pd.read_csv(folder / FILE)
    except pd.errors.EmptyDataError:
        return pd.DataFrame(index=range(rows))
    if len(table.columns) and len(table) != rows:
        raise ValueError(f"{rows} predictions for {len(table)} rows")
    return table if len(table.columns) else pd.DataFrame(index=range(rows))


if __name__ == "__main__":
    main()
