"""Predicts the rows of an input. Columns that the model does not know, such as ids, stay beside the predictions."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from shared_libraries.archives import ARCHIVE, load_model
from shared_libraries.arguments import add_path
from shared_libraries.tables import read_table, require_columns, write_table

PREDICTION = "prediction"


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="score", description=__doc__)
    for name in ("input", "model", "output"):
        add_path(parser, name, f"folder: {name}")
    given = parser.parse_args(words)
    table, model = read_table(given.input), load_model(given.model / ARCHIVE)
    require_columns(table, model.features)
    others = table.drop(columns=[*model.features, model.target], errors="ignore")
    write_table(others.assign(**{PREDICTION: model.predictions(table)}), given.output)
    print(f"rows: {len(table)}")


if __name__ == "__main__":
    main()
