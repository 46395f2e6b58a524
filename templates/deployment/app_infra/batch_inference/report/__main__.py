"""Describes predictions: their number, statistics and distribution."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from shared_libraries.arguments import add_path
from shared_libraries.statistics import statistics
from shared_libraries.tables import read_table, require_columns

PREDICTION = "prediction"


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="report", description=__doc__)
    for name in ("predictions", "output"):
        add_path(parser, name, f"folder: {name}")
    given = parser.parse_args(words)
    table = read_table(given.predictions)
    require_columns(table, [PREDICTION])
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    report = statistics(table[[PREDICTION]])
    (output / "report.json").write_text(json.dumps(report, indent=2))
    print(f"rows: {report['dataset']['item_count']}")


if __name__ == "__main__":
    main()
