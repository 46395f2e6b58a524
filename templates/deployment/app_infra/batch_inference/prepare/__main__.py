"""Writes the columns of the model for batch transform, and the other columns, such as ids, beside them.

Encoding of columns is part of the model, so nothing else is prepared. Rows are not sampled, and a label is left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from shared_libraries.archives import ARCHIVE, about_model
from shared_libraries.arguments import add_path
from shared_libraries.tables import FILE, read_table, require_columns, write_table


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="prepare", description=__doc__)
    for name in ("input", "version", "features", "others"):
        add_path(parser, name, f"folder: {name}")
    given = parser.parse_args(words)
    table, about = read_table(given.input), about_model(given.version / ARCHIVE)
    names = list(about["features"])
    require_columns(table, names)
    features = table[names]
    require_one_line_each(features)
    folder: Path = given.features
    folder.mkdir(parents=True, exist_ok=True)
    # Batch transform takes CSV without a header. The number of the row leads back from a prediction to its row.
    features.to_csv(folder / FILE, header=False)
    write_table(table.drop(columns=[*names, about["target"]], errors="ignore"), given.others)
    print(f"rows: {len(table)}")


def require_one_line_each(table: pd.DataFrame) -> None:
    """Raises ValueError for texts with newlines, at which batch transform would divide the row."""
    texts = table.select_dtypes(exclude="number")
    broken = [str(name) for name in texts if texts[name].astype(str).str.contains(r"[\r\n]").any()]
    if broken:
        raise ValueError(f"texts contain newlines, which batch transform cannot read: column {', '.join(broken)}")


if __name__ == "__main__":
    main()
