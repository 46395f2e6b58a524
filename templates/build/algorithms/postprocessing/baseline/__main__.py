"""Writes statistics and constraints of the training data, and of predictions for rows that training did not see.

Monitoring compares new data and new predictions with them, and the quality of predictions once their truth is known.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from postprocessing.evaluate.__main__ import ARCHIVE, load_model
from shared_libraries.arguments import add_path
from shared_libraries.metrics import quality
from shared_libraries.statistics import constraints, statistics
from shared_libraries.tables import read_table


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="baseline", description=__doc__)
    for name in ("train", "validation", "model", "output"):
        add_path(parser, name, f"folder: {name}")
    given = parser.parse_args(words)
    table = read_table(given.train)
    model, unseen = load_model(given.model / ARCHIVE), read_table(given.validation)
    predictions = model.predictions(unseen)
    classes = model.fitted.classes_.tolist() if model.problem == "classification" else []
    measured = quality(unseen[model.target], predictions, classes) if model.target in unseen else None
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    (output / "statistics.json").write_text(json.dumps(statistics(table, predictions, measured), indent=2))
    (output / "constraints.json").write_text(json.dumps(constraints(table), indent=2))
    print(f"columns: {len(table.columns)}")


if __name__ == "__main__":
    main()
