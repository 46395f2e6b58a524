"""A second use case from the same template differs in its configuration and its data only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.reuse import copied
from tests.templates.projects import ROOT, generate, generate_deployment

CONFIGURED = {
    ".copier-answers.yml",
    "CODEOWNERS",
    "README.md",
    "algorithms/preprocessing/split/test/input/sample.csv",
    "foundation.json",
    "ml_pipelines/training/input.json",
}


def content(project: Path) -> dict[str, bytes]:
    """Returns the files of a project by their path."""
    files = (file for file in project.rglob("*") if file.is_file())
    return {file.relative_to(project).as_posix(): file.read_bytes() for file in files}


@pytest.mark.requirement("REPO-11")
def test_another_problem_and_another_dataset_change_no_code(project: Path, tmp_path: Path) -> None:
    first = {place: body for place, body in content(project).items() if not place.startswith(".git/")}
    second = content(generate(tmp_path, use_case="disputes", problem="regression"))
    assert first.keys() == second.keys()
    assert {place for place in first if first[place] != second[place]} <= CONFIGURED
    changed = ("ml_pipelines/training/input.json", "algorithms/preprocessing/split/test/input/sample.csv")
    assert all(first[place] != second[place] for place in changed)


@pytest.mark.requirement("COST-03")
def test_no_repository_of_a_use_case_copies_code_of_the_library(project: Path, tmp_path: Path) -> None:
    library = ROOT / "packages" / "plinth-project" / "src"
    deployment = generate_deployment(tmp_path / "deployment")
    assert [*copied(project, library), *copied(deployment, library)] == []
    # Jobs of both repositories run where the library is not installed, so both have these modules.
    modules = {place.partition(":")[0] for place in copied(deployment, project)}
    assert modules == {f"app_infra/shared_libraries/{name}.py" for name in ("arguments", "statistics", "tables")}
