from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from preprocessing.split.__main__ import PARTS, digest, main, split
from shared_libraries.tables import read_table

TABLE = pd.DataFrame({"number": range(100), "name": ["x"] * 100, "label": [0] * 80 + [1] * 20})


def test_parts_are_disjoint_complete_and_stratified() -> None:
    parts = split(TABLE, target="label", validation=0.2, test=0.25, seed=1, stratify=True)
    assert {name: len(rows) for name, rows in parts.items()} == {"train": 55, "validation": 20, "test": 25}
    assert sorted(number for rows in parts.values() for number in rows["number"]) == list(range(100))
    assert parts["test"]["label"].mean() == pytest.approx(0.2)


def test_the_seed_decides_the_parts() -> None:
    def test_part(seed: int) -> list[int]:
        parts = split(TABLE, target="label", validation=0.2, test=0.2, seed=seed, stratify=False)
        return list(parts["test"]["number"])

    assert test_part(1) == test_part(1)
    assert test_part(1) != test_part(2)


def test_the_job_writes_parts_and_a_report(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    TABLE.to_csv(tmp_path / "input" / "part-1.csv", index=False)
    folders = [word for name in ("input", *PARTS, "report") for word in (f"--{name}", str(tmp_path / name))]
    sizes = ["--validation-fraction", "0.2", "--test-fraction", "0.2", "--seed", "3", "--stratify", "yes"]
    main([*folders, *sizes, "--target", "label", "--ignored", "name"])
    assert list(read_table(tmp_path / "train").columns) == ["number", "label"]
    report = json.loads((tmp_path / "report" / "split.json").read_text())
    assert report == {"sha256": digest(TABLE), "rows": {"train": 60, "validation": 20, "test": 20}}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "data.csv", index=False)
    folders = [word for name in ("input", *PARTS, "report") for word in (f"--{name}", str(tmp_path))]
    sizes = ["--validation-fraction", "0.2", "--test-fraction", "0.2", "--seed", "3", "--stratify", "no"]
    with pytest.raises(ValueError, match="has no column diagnosis"):
        main([*folders, *sizes, "--target", "diagnosis"])


def test_groups_of_an_ignored_column_are_compared_before_training(tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    TABLE.assign(name=["f"] * 60 + ["m"] * 40).to_csv(tmp_path / "input" / "part-1.csv", index=False)
    folders = [word for name in ("input", *PARTS, "report", "facets") for word in (f"--{name}", str(tmp_path / name))]
    sizes = ["--validation-fraction", "0.2", "--test-fraction", "0.2", "--seed", "3", "--stratify", "yes"]
    main([*folders, *sizes, "--target", "label", "--ignored", "name", "--facet", "name=f"])
    for part, rows in {"train": 60, "validation": 20, "test": 20}.items():
        groups, numbers = pd.read_csv(tmp_path / "facets" / f"{part}.csv"), read_table(tmp_path / part)["number"]
        assert len(groups) == rows
        assert groups["name=f"].tolist() == [float(number < 60) for number in numbers]
    metrics = json.loads((tmp_path / "report" / "split.json").read_text())["metrics"]
    assert metrics["label_proportion_difference"] == pytest.approx(0.5, abs=0.1)
    bias = json.loads((tmp_path / "facets" / "bias.json").read_text())["pre_training_bias_metrics"]
    assert bias["label"] == "label"
    assert bias["facets"]["name"][0]["value_or_threshold"] == "f"
