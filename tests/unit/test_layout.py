"""Folders stay small, tests are in the folder in which a reader looks, and the drawing of the layout is current."""

import re
from pathlib import Path

import pytest

from tests.support.docs.prose import is_left_out
from tests.support.docs.tree import (
    MOST_MODULES,
    PAGE,
    ROOT,
    description,
    drawing,
    drawn_packages,
    module_counts,
    renewed,
)

ABOUT_ALL_STACKS = "every_stack"
"""The folder of tests that read every stack."""


def test_no_folder_holds_more_modules_than_a_newcomer_reads_at_once():
    assert {folder: count for folder, count in module_counts().items() if count > MOST_MODULES} == {}


def test_every_package_says_what_belongs_in_it():
    packages = [package for package in drawn_packages() if not is_left_out(package.relative_to(ROOT))]
    assert [package for package in packages if not description(package)] == []


def test_modules_say_what_they_mean():
    """No docstring opens with "What", which is no subject, and variables of loops are named by what they hold."""
    unclear = re.compile(r'^ *"""What |\bfor one in\b', re.MULTILINE)
    files = (file for folder in module_counts() for file in (ROOT / folder).glob("*.py") if file != Path(__file__))
    assert [str(file) for file in files if unclear.search(file.read_text(encoding="utf-8"))] == []


def test_the_drawing_of_the_layout_is_current():
    page = PAGE.read_text(encoding="utf-8")
    assert drawing() in page
    assert renewed(page) == page, "run `make reference`"


def unmirrored(stacks: Path, tests: Path) -> set[str]:
    """Returns the folders of stacks that no test module is for, and the folders of tests that are for no stack."""
    folders = {init.parent.name for init in stacks.glob("*/__init__.py")}
    tested = {module.parent.name for module in tests.glob("*/test_*.py")}
    present = {module.parent.name for module in tests.glob("*/*.py")}
    return (folders - tested) | (present - folders - {ABOUT_ALL_STACKS})


def test_each_stack_has_its_tests_in_a_folder_of_the_same_name() -> None:
    assert unmirrored(ROOT / "stacks", ROOT / "tests" / "unit" / "stacks") == set()


@pytest.mark.parametrize(
    ("stacks", "tests", "found"),
    [
        (["network"], ["network/test_network.py", "every_stack/test_growth.py"], set()),
        (["network", "team"], ["network/test_network.py"], {"team"}),
        (["network"], ["network/examples.py"], {"network"}),
        (["network"], ["network/test_network.py", "foundation/test_team.py"], {"foundation"}),
    ],
)
def test_a_missing_or_misnamed_folder_of_tests_is_found(
    tmp_path: Path, stacks: list[str], tests: list[str], found: set[str]
) -> None:
    for file in (*(f"stacks/{stack}/__init__.py" for stack in stacks), *(f"tests/{test}" for test in tests)):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert unmirrored(tmp_path / "stacks", tmp_path / "tests") == found
