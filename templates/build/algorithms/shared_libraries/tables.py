"""Tables in the folders of a job."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

FILE = "data.csv"


def read_table(folder: Path) -> pd.DataFrame:
    """Returns all CSV files of a folder as one table, in the order of their names.

    Raises FileNotFoundError if there are none, and ValueError if there are no rows.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise FileNotFoundError(f"{folder} contains no CSV file")
    table = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
    if table.empty:
        raise ValueError(f"{folder} contains no rows")
    return table


def write_table(table: pd.DataFrame, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    table.to_csv(file, index=False)
    return file


def require_columns(table: pd.DataFrame, names: list[str]) -> None:
    """Raises ValueError with all columns that a table lacks."""
    if missing := [name for name in names if name not in table.columns]:
        raise ValueError(f"the data has no column {', '.join(missing)}; it has {', '.join(map(str, table.columns))}")
