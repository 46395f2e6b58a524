"""Splits a table at random into the parts train, validation and test."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from shared_libraries.arguments import add_path, names
from shared_libraries.fairness import BIAS, Facet, bias_of_data, members, metrics_of, positive_class, report
from shared_libraries.tables import read_table, require_columns, write_table

PARTS = ("train", "validation", "test")


def split(
    table: pd.DataFrame, *, target: str, validation: float, test: float, seed: int, stratify: bool
) -> dict[str, pd.DataFrame]:
    """Returns the parts. Rows without a target are left out. Stratified parts have the same shares of each class."""
    labelled = table.dropna(subset=[target])
    groups = labelled[target] if stratify else pd.Series(0, index=labelled.index)
    shuffled = labelled.sample(frac=1, random_state=seed)
    # The position of a row in its group, from 0 to 1, decides the part.
    keys = groups.loc[shuffled.index]
    position = (keys.groupby(keys).cumcount() + 0.5) / keys.groupby(keys).transform("size")
    ends = {"test": test, "validation": test + validation, "train": 1.0}
    parts, start = {}, 0.0
    for name, end in ends.items():
        parts[name] = shuffled[(position >= start) & (position < end)]
        start = end
    return {name: parts[name] for name in PARTS}


def digest(table: pd.DataFrame) -> str:
    """Returns a digest of the rows, which identifies the data of a model version (TR-14)."""
    return hashlib.sha256(table.to_csv(index=False).encode()).hexdigest()


def compare_groups(
    table: pd.DataFrame, parts: Mapping[str, pd.DataFrame], facets: Sequence[Facet], target: str, folder: Path
) -> dict[str, float]:
    """Writes the group of each row of the parts, and the bias of the training data. Returns its metrics (WP-03).

    Columns of facets may be ignored ones: the model does not learn from them.
    """
    groups, train = members(table, facets), parts["train"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in parts.items():
        groups.loc[rows.index].to_csv(folder / f"{name}.csv", index=False)
    bias = bias_of_data(groups.loc[train.index], train[target] == positive_class(table[target]))
    (folder / BIAS).write_text(json.dumps({"pre_training_bias_metrics": report(bias, target)}, indent=2))
    return metrics_of(bias)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="split", description=__doc__)
    for name in ("input", *PARTS, "report"):
        add_path(parser, name, f"folder: {name}")
    add_path(parser, "facets", "folder: group of each row, if there are facets", required=False)
    parser.add_argument("--facet", action="append", type=Facet.of, default=[], help="groups: column=value,value")
    parser.add_argument("--target", required=True)
    parser.add_argument("--ignored", type=names, default=[], help="columns to drop")
    parser.add_argument("--validation-fraction", type=float, required=True)
    parser.add_argument("--test-fraction", type=float, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--stratify", choices=["yes", "no"], required=True)
    given = parser.parse_args(words)
    table = read_table(given.input)
    require_columns(table, [given.target, *given.ignored, *(facet.column for facet in given.facet)])
    parts = split(
        table.drop(columns=given.ignored),
        target=given.target,
        validation=given.validation_fraction,
        test=given.test_fraction,
        seed=given.seed,
        stratify=given.stratify == "yes",
    )
    for name, rows in parts.items():
        write_table(rows, getattr(given, name))
    rows_by_part = {name: len(rows) for name, rows in parts.items()}
    found: dict[str, Any] = {"sha256": digest(table), "rows": rows_by_part}
    if given.facet:
        found["metrics"] = compare_groups(table, parts, given.facet, given.target, given.facets)
    folder: Path = given.report
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "split.json").write_text(json.dumps(found, indent=2))
    print(f"rows: {rows_by_part}")


if __name__ == "__main__":
    main()
