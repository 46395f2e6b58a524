from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from shared_libraries.project.checks import check_settings, check_structure
from shared_libraries.project.command import ROOT, main
from shared_libraries.project.configuration import Configuration
from shared_libraries.project.documents import ProjectError


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", ".*", "build")
    return shutil.copytree(ROOT, tmp_path / "copy", ignore=ignored)


def changed(copy: Path, **fields: object) -> None:
    file = copy / "ml_pipelines" / "training" / "input.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **fields}))


def test_this_repository_has_the_structure() -> None:
    check_structure(ROOT)


def test_a_missing_file_is_named(copy: Path) -> None:
    (copy / "algorithms" / "training" / "train" / "README.md").unlink()
    with pytest.raises(ProjectError) as error:
        check_structure(copy)
    assert error.value.faults == ("algorithms/training/train/README.md: missing",)


def test_a_path_of_the_container_in_a_step_is_named(copy: Path) -> None:
    file = copy / "algorithms" / "training" / "train" / "__main__.py"
    file.write_text('MODEL = "/opt/' + 'ml/model"\n')
    with pytest.raises(ProjectError, match=r"algorithms/training/train/__main__.py:1: contains the path"):
        check_structure(copy)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"gates": [{"metric": "f1"}]}, "gates.0: Value error, give either at_least or at_most"),
        ({"gates": [{"metric": "auc", "at_least": 0.5}]}, "auc: no metric of a"),
        ({"split": {"validation_fraction": 0.5, "test_fraction": 0.5, "seed": 1}}, "leave no rows for training"),
        ({"data": {"source": "athena", "target": "x"}}, "needs database and query"),
        ({"resources": {"trian": {}}}, "resources.trian: no step has this name"),
        ({"data": {"source": "sample", "target": "x", "file": "no.csv"}}, "no.csv does not exist"),
    ],
)
def test_wrong_settings_are_named(
    copy: Path, fields: dict[str, object], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    changed(copy, **fields)
    with pytest.raises(SystemExit):
        main(["check", "--only", "settings"], copy)
    said = capsys.readouterr().err
    assert said.startswith("ml_pipelines/training/input.json: ")
    assert reason in said


def test_a_missing_foundation_is_named(copy: Path) -> None:
    (copy / "foundation.json").unlink()
    with pytest.raises(ProjectError, match=r"foundation\.json: missing"):
        check_settings(copy)


def test_ranges_have_an_order_and_a_scale() -> None:
    shown = json.loads((ROOT / "ml_pipelines" / "training" / "input.json").read_text())
    metric = shown["gates"][0]["metric"]
    for least, most, scale in ((1.0, 1.0, "Auto"), (0.0, 1.0, "Logarithmic")):
        one = {"kind": "continuous", "least": least, "most": most, "scale": scale}
        tuning = {"metric": metric, "jobs": 2, "parallel": 1, "ranges": {"learning_rate": one}}
        with pytest.raises(ValueError, match=r"least|logarithmic"):
            Configuration.model_validate({**shown, "tuning": tuning})
