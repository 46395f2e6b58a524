"""The changed files of a program that its stacks depend on."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfservice.fingerprints.program_files import changed_files
from settings.derived.foundation import Foundation
from tests.support.every_stack import MADE, STEPS, example_foundation
from tests.support.workbench import REPOSITORY

STACKS = ("network", "audit", "data-lake--cards", "fraud-development-intake")


@pytest.fixture(scope="module")
def foundation() -> Foundation:
    """Returns settings of which a dataset and a Glue step have scripts in folders that no stack reads otherwise."""
    example = example_foundation()
    assert MADE.etl is not None
    unit = MADE.etl.model_copy(update={"script": "tests/cards.py"})
    steps = {name: step.model_copy(update={"script": "history.py"}) for name, step in STEPS.items()}
    environment = example.environments["fraud-development"].model_copy(update={"glue_steps": steps})
    return example.model_copy(
        update={
            "datasets": {**example.datasets, "cards": MADE.model_copy(update={"etl": unit})},
            "environments": {**example.environments, "fraud-development": environment},
        }
    )


def test_this_program_says_which_of_its_stacks_depend_on_a_file(foundation: Foundation) -> None:
    changed = [REPOSITORY / name for name in ("stacks/network/stack.py", "tests/conftest.py", "README.md")]
    assert changed_files(REPOSITORY, STACKS, changed, foundation) == {"network": changed[:1]}


@pytest.mark.parametrize(
    ("script", "stack"), [("tests/cards.py", "data-lake--cards"), ("history.py", "fraud-development-intake")]
)
def test_a_stack_depends_on_the_scripts_of_its_jobs_in_any_folder(
    script: str, stack: str, foundation: Foundation
) -> None:
    changed = [REPOSITORY / script, REPOSITORY / "tests" / "conftest.py"]
    assert changed_files(REPOSITORY, STACKS, changed, foundation) == {stack: changed[:1]}


def test_every_file_of_another_program_counts_for_all_of_its_stacks(tmp_path: Path, foundation: Foundation) -> None:
    file = tmp_path / "tests" / "data.sql"
    assert changed_files(tmp_path, STACKS, [file], foundation) == {stack: [file] for stack in STACKS}
    none = [tmp_path / "README.md", REPOSITORY / "__main__.py"]
    assert changed_files(tmp_path, STACKS, none, foundation) == {}


def test_every_file_of_a_program_that_cannot_say_it_counts_for_all_of_its_stacks(
    tmp_path: Path, foundation: Foundation
) -> None:
    file = tmp_path / "stacks" / "dependencies.py"
    file.parent.mkdir()
    file.write_text("raise ValueError")
    assert changed_files(tmp_path, STACKS, [file], foundation) == {stack: [file] for stack in STACKS}
