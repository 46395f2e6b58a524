from __future__ import annotations

import json
from pathlib import Path

import pytest

from postprocessing.package.__main__ import lineage, main


def test_the_package_has_all_files_and_the_lineage(tmp_path: Path) -> None:
    for name, file in (("model", "model.tar.gz"), ("evaluation", "evaluation.json"), ("baseline", "statistics.json")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(name)
    names = ("model", "evaluation", "baseline", "output")
    folders = [word for name in names for word in (f"--{name}", str(tmp_path / name))]
    main([*folders, "--lineage", "commit=1a2b3c4", "data=s3://bucket/key=1"])
    written = tmp_path / "output"
    assert {file.name for file in written.iterdir()} == {
        "evaluation.json", "lineage.json", "model.tar.gz", "statistics.json",
    }  # fmt: skip
    assert json.loads((written / "lineage.json").read_text()) == {"commit": "1a2b3c4", "data": "s3://bucket/key=1"}


def test_lineage_needs_names() -> None:
    with pytest.raises(ValueError, match="expected name=value"):
        lineage(["1a2b3c4"])
