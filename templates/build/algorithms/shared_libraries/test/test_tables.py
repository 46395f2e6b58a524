from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path

import pandas as pd
import pytest

from shared_libraries.arguments import add_path, names
from shared_libraries.statistics import constraints, statistics
from shared_libraries.tables import read_table, write_table


def test_tables_are_read_in_the_order_of_their_files(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("x\n2\n")
    (tmp_path / "a.csv").write_text("x\n1\n")
    assert list(read_table(tmp_path)["x"]) == [1, 2]
    assert read_table(write_table(pd.DataFrame({"x": [3]}), tmp_path / "new").parent)["x"].sum() == 3


def test_unloaded_json_lines_are_read_like_csv(tmp_path: Path) -> None:
    rows = [{"id": "007", "x": 0.1, "day": "2026-01-02"}, {"id": "8", "x": None, "day": "2026-01-03"}]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "b").write_text(lines)
    (tmp_path / "a.gz").write_bytes(gzip.compress(lines.encode()))
    (tmp_path / "_SUCCESS").touch()
    table = read_table(tmp_path)
    assert list(table["id"]) == ["007", "8"] * 2
    assert list(table["day"]) == ["2026-01-02", "2026-01-03"] * 2
    assert (table["x"].isna().tolist(), table["x"].sum()) == ([False, True] * 2, 0.2)
    (tmp_path / "c.csv").write_text("x\n3\n")
    assert list(read_table(tmp_path)["x"]) == [3]


def test_an_empty_folder_and_an_empty_table_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no CSV file"):
        read_table(tmp_path)
    (tmp_path / "a.csv").write_text("x\n")
    with pytest.raises(ValueError, match="no rows"):
        read_table(tmp_path)


def test_a_path_comes_from_an_argument_or_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAIN_PATH", "data/train")
    parser = argparse.ArgumentParser()
    add_path(parser, "train", "training data")
    add_path(parser, "model", "model")
    assert parser.parse_args(["--model", "m"]).train == Path("data/train")
    assert parser.parse_args(["--model", "m", "--train", "t"]).train == Path("t")
    with pytest.raises(SystemExit):
        parser.parse_args([])


def test_names_are_separated_by_commas() -> None:
    assert names("a, b,") == ["a", "b"]


def test_statistics_survive_columns_without_values_and_with_one_value() -> None:
    table = pd.DataFrame({"empty": [None, None], "one": [5, 5], "sign": [-1.0, 2.0], "flag": [True, False]})
    described = {feature["name"]: feature for feature in statistics(table)["features"]}
    assert described["empty"]["string_statistics"]["common"] == {"num_present": 0, "num_missing": 2}
    assert described["one"]["numerical_statistics"]["distribution"]["quantile"]["buckets"] == [
        {"lower_bound": 5.0, "upper_bound": 5.0, "count": 2.0}
    ]
    limits = {feature["name"]: feature for feature in constraints(table)["features"]}
    assert limits["sign"]["num_constraints"] == {"is_non_negative": False}
    assert limits["flag"]["inferred_type"] == "Integral"
