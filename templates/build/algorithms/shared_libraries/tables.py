"""Tables in the folders of a job."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

FILE = "data.csv"
GZIP = b"\x1f\x8b"
"""First bytes of a gzip file. Athena compresses JSON lines."""


def read_table(folder: Path) -> pd.DataFrame:
    """Returns all files of a folder as one table, in the order of their names: CSV files, or if there are none, files
    of JSON lines, as Athena unloads them. Files whose names begin with ``_`` or ``.`` are no data.

    Raises FileNotFoundError if there are none, and ValueError if there are no rows.
    """
    files = sorted(file for file in folder.iterdir() if file.is_file() and file.name[0] not in "_.")
    tables = [pd.read_csv(file) for file in files if file.suffix == ".csv"] or [read_json_lines(file) for file in files]
    if not tables:
        raise FileNotFoundError(f"{folder} contains no CSV file and no JSON lines")
    table = pd.concat(tables, ignore_index=True)
    if table.empty:
        raise ValueError(f"{folder} contains no rows")
    return table


def read_json_lines(file: Path) -> pd.DataFrame:
    """Returns a file of JSON objects, one a line, with or without gzip. No text becomes a number or a time."""
    packed = file.read_bytes()[: len(GZIP)] == GZIP
    return pd.read_json(
        file,
        lines=True,
        compression="gzip" if packed else None,
        dtype=False,
        convert_dates=False,
        precise_float=True,
    )


def write_table(table: pd.DataFrame, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    table.to_csv(file, index=False)
    return file


def require_columns(table: pd.DataFrame, names: list[str]) -> None:
    """Raises ValueError with all columns that a table lacks."""
    if missing := [name for name in names if name not in table.columns]:
        raise ValueError(f"the data has no column {', '.join(missing)}; it has {', '.join(map(str, table.columns))}")
