"""Compares the columns of an input with the registered statistics and constraints of the training data."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared_libraries.archives import ARCHIVE, about_model
from shared_libraries.arguments import add_path
from shared_libraries.drift import violations
from shared_libraries.tables import read_table

STATISTICS, CONSTRAINTS = "statistics.json", "constraints.json"


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="drift", description=__doc__)
    for name in ("input", "version", "output"):
        add_path(parser, name, f"folder: {name}")
    given = parser.parse_args(words)
    folder: Path = given.version
    baseline, limits = (read(folder / name) for name in (STATISTICS, CONSTRAINTS))
    names = about_model(folder / ARCHIVE)["features"]
    found = violations(read_table(given.input), names, baseline, limits)
    columns = sorted({one["feature_name"] for one in found})
    report = {"drifted": len(columns), "columns": ", ".join(columns), "violations": found}
    output: Path = given.output
    output.mkdir(parents=True, exist_ok=True)
    (output / "drift.json").write_text(json.dumps(report, indent=2))
    for one in found:
        print(f"{one['feature_name']}: {one['constraint_check_type']}: {one['description']}")
    print(f"columns that differ: {len(columns)} of {len(names)}")


def read(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


if __name__ == "__main__":
    main()
