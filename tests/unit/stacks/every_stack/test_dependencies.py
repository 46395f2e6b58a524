"""The files of this program that each stack depends on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from settings.derived.stack_graph import StackIdentity
from stacks.dependencies import _imported_by, files_of
from stacks.stack_modules import MODULES
from tests.support.workbench import REPOSITORY

STACKS = ("network", "audit", "data-lake--cards", "fraud-experimentation-studio")


def readers(*names: str) -> list[str]:
    return list(files_of(STACKS, names))


@pytest.mark.parametrize(
    "name", ["docs/status.md", "README.md", "Makefile", ".ci/run", "tests/conftest.py", "selfservice/errors.py"]
)
def test_no_stack_depends_on(name: str) -> None:
    assert readers(name) == []


@pytest.mark.parametrize(
    "name", ["__main__.py", "settings/types/naming.py", "stacks/stack_modules.py", "components/__init__.py"]
)
def test_all_stacks_depend_on(name: str) -> None:
    assert readers(name) == [*STACKS]


@pytest.mark.parametrize(
    ("name", "stack"),
    [
        ("stacks/network/stack.py", "network"),
        ("components/network/private_network.py", "network"),
        ("components/network/removed_module.py", "network"),
        ("components/studio/lifecycle/git.sh", "fraud-experimentation-studio"),
        ("etl/card_payments.py", "data-lake--cards"),
        ("contracts/cards.json", "data-lake--cards"),
    ],
)
def test_a_stack_depends_on_the_modules_that_it_imports_and_on_their_data(name: str, stack: str) -> None:
    assert stack in readers(name)
    assert "audit" not in readers(name)


def test_a_stack_depends_on_some_of_several_files() -> None:
    files = ["stacks/network/stack.py", "docs/status.md", "etl/card_payments.py"]
    assert files_of(["network"], files) == {"network": files[:1]}


@pytest.mark.parametrize("stack", ["network", "fraud-development", "data-lake--card-payments"])
def test_a_program_imports_no_module_that_the_graph_does_not_have(stack: str) -> None:
    """Also in functions, and by names that are only known as it runs."""
    run = (
        "import sys\n"
        "from pathlib import Path\n"
        "from selfservice.fingerprints.effect import effect\n"
        "effect(Path.cwd(), Path.cwd(), 'plinth', sys.argv[1])\n"
        "print(*(name for name in sys.modules if name.split('.')[0] in ('settings', 'components', 'stacks')))"
    )
    words = [sys.executable, "-c", run, stack]
    imported = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.split()
    assert MODULES[StackIdentity.parse(stack).kind] in imported
    assert set(imported) <= _imported_by(stack)
