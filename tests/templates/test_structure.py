"""The structure check of a generated build repository."""

import importlib
import os
import shutil
from pathlib import Path

import pytest

from plinth_sandbox.executors.codebuild.buildspec import parse
from stacks.use_case.builds import REPORTS
from tests.templates.projects import answers_of

ROOT = ("algorithms", "ml_pipelines", "notebooks", "build_spec.yml", "README.md")
LIBRARIES = tuple(f"algorithms/shared_libraries{path}" for path in ("", "/test", "/test/test_*.py", "/README.md"))
PREPROCESSING = (
    "algorithms/preprocessing",
    *(f"algorithms/preprocessing/split/{path}" for path in ("__main__.py", "README.md", "test", "test/test_*.py")),
)
TRAINING = ("algorithms/training/train/__main__.py", "algorithms/training/train/test/test_*.py")
POSTPROCESSING = ("algorithms/postprocessing", "algorithms/postprocessing/evaluate/README.md")
PIPELINES = ("ml_pipelines/README.md", "ml_pipelines/training", "ml_pipelines/training/ml-pipeline-training.py")
NOTEBOOKS = ("notebooks/README.md", "notebooks/*.ipynb")
OPTIONAL = (
    "algorithms/training",
    "algorithms/training/train/dockerfile",
    "algorithms/preprocessing/get_data",
    "algorithms/preprocessing/split/test/input",
    "ml_pipelines/training/input.json",
)


@pytest.fixture
def copy(project, tmp_path):
    """A copy of the project, with links instead of its files."""
    left_out = shutil.ignore_patterns(".git", "__pycache__", "project", "*.txt", "*.csv")
    return shutil.copytree(project, tmp_path / "copy", ignore=left_out, copy_function=os.link)


@pytest.fixture(scope="module")
def faults(library):
    return importlib.import_module("plinth_project.build.structure").structure_faults


def remove(root: Path, pattern: str) -> None:
    found = list(root.glob(pattern))
    assert found, f"{pattern} is not in the generated project"
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.requirement("REPO-19")
def test_a_generated_project_has_the_structure(project, faults):
    assert faults(project) == []


@pytest.mark.requirement("REPO-19", "CI-02", "AMB-12.a")
@pytest.mark.parametrize(
    "path",
    [
        *(pytest.param(path, marks=pytest.mark.requirement("REPO-02")) for path in ROOT),
        *(pytest.param(path, marks=pytest.mark.requirement("REPO-03")) for path in LIBRARIES),
        *(pytest.param(path, marks=pytest.mark.requirement("REPO-04")) for path in PREPROCESSING),
        *(pytest.param(path, marks=pytest.mark.requirement("REPO-05")) for path in TRAINING),
        *(pytest.param(path, marks=pytest.mark.requirement("REPO-07")) for path in POSTPROCESSING),
        *(pytest.param(path, marks=pytest.mark.requirement("REPO-08")) for path in PIPELINES),
        *(pytest.param(path, marks=pytest.mark.requirement("REPO-09")) for path in NOTEBOOKS),
    ],
)
def test_a_missing_mandatory_path_is_named(copy, faults, path):
    remove(copy, path)
    assert f"{path}: missing" in faults(copy)


@pytest.mark.requirement("CI-02")
def test_a_program_outside_of_the_layout_is_named_with_its_place(copy, faults):
    for path in ("algorithms/run.py", "algorithms/training/tune.py", "ml_pipelines/nightly.py"):
        (copy / path).touch()
    (copy / "algorithms" / "features" / "join").mkdir(parents=True)
    assert faults(copy) == [
        "algorithms/features: is no group of steps; move its steps to one of preprocessing, training, inference, "
        "postprocessing",
        "algorithms/run.py: is outside of the layout; move it to algorithms/<group>/<step>/",
        "algorithms/training/tune.py: is outside of the layout; move it to algorithms/training/<step>/",
        "ml_pipelines/nightly.py: is outside of the layout; move it to ml_pipelines/<pipeline>/",
    ]


@pytest.mark.requirement("CI-02", "AMB-13.b")
def test_a_step_has_one_dockerfile_in_lower_case(copy, faults):
    step = copy / "algorithms" / "training" / "train"
    (step / "Dockerfile").touch()
    place = "algorithms/training/train/Dockerfile: a step has one file dockerfile, in lower case; "
    assert faults(copy) == [f"{place}remove one of the two"]
    (step / "dockerfile").unlink()
    assert faults(copy) == [f"{place}rename it"]


@pytest.mark.requirement("CI-02")
def test_a_link_out_of_the_repository_is_named(copy, faults, tmp_path):
    (tmp_path / "secret").touch()
    (copy / "notebooks" / "own.md").symlink_to(copy / "README.md")
    (copy / "algorithms" / "training" / "train" / "weights").symlink_to(tmp_path / "secret")
    (copy / "notebooks" / "data").symlink_to(tmp_path)
    (copy / "algorithms" / "training" / "train" / "gone.py").symlink_to("../../../../nowhere.py")
    assert faults(copy) == [
        f"{path}: is a link out of the repository; replace it with a copy"
        for path in ("algorithms/training/train/gone.py", "algorithms/training/train/weights", "notebooks/data")
    ]


@pytest.mark.requirement("REPO-06")
def test_a_job_of_batch_inference_needs_its_program_and_its_readme(copy, faults):
    (copy / "algorithms" / "inference" / "score").mkdir(parents=True)
    assert faults(copy) == [f"algorithms/inference/score/{name}: missing" for name in ("__main__.py", "README.md")]


@pytest.mark.requirement("REPO-19")
@pytest.mark.parametrize("path", OPTIONAL)
def test_a_missing_optional_path_is_no_fault(copy, faults, path):
    remove(copy, path)
    assert faults(copy) == []


def test_libraries_without_a_module_are_named(copy, faults):
    for file in (copy / "algorithms" / "shared_libraries").glob("[a-z]*.py"):
        file.unlink()
    assert faults(copy) == ["algorithms/shared_libraries/<help_functions>.py: missing"]


@pytest.mark.requirement("REPO-08")
def test_a_second_training_pipeline_needs_its_definition(copy, faults):
    (copy / "ml_pipelines" / "weekly").mkdir()
    assert faults(copy) == ["ml_pipelines/weekly/ml-pipeline-weekly.py: missing"]


def test_a_path_of_the_container_in_a_step_is_named_with_its_line(copy, faults):
    (copy / "algorithms" / "training" / "train" / "paths.py").write_text('\nMODEL = "/opt/ml/model"\n')
    place = "algorithms/training/train/paths.py:2"
    assert faults(copy) == [f"{place}: contains the path /opt/ml; take it from an argument or a variable"]


def test_a_folder_that_cannot_be_run_as_a_module_is_named(copy, faults):
    (copy / "algorithms" / "training" / "train").rename(copy / "algorithms" / "training" / "Train-Model")
    (found,) = faults(copy)
    assert found.startswith("algorithms/training/Train-Model: rename the folder")


@pytest.mark.requirement("AMB-13.a")
def test_the_sandbox_reads_the_build_specification(project):
    specification = parse((project / "build_spec.yml").read_text())
    (build,) = [phase for phase in specification.phases if phase.name == "build"]
    words = [command.partition("python project ")[2].split()[0] for command in build.commands]
    assert words == ["check", "images", '"${TASK:-submit}"']
    assert [report.group for report in specification.reports] == list(REPORTS)


@pytest.mark.requirement("TPL-05.b")
def test_a_project_keeps_its_answers_for_updates(project):
    assert answers_of(project)["team"] == "fraud"
