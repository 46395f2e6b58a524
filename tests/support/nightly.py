"""Tests that ``make test`` leaves out and ``make test-all`` runs: those with the mark ``nightly``.

Tests on the real engine have the mark by their folder, except those of the main job. Others carry it themselves.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

NIGHTLY = "nightly"
ENGINE = PurePosixPath("tests/engine")
"""Folder of the tests on the real engine."""
MAIN_JOB = ENGINE / "main_job"
"""Folder of the one engine story that runs for each change. Its subfolders continue the story each night."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Modules that are nightly by their folder are not imported if no nightly test runs."""
    if config.option.markexpr != f"not {NIGHTLY}" or collection_path.suffix != ".py":
        return None
    module = collection_path.relative_to(config.rootpath).as_posix()
    return True if collection_path.name.startswith("test_") and is_nightly_by_folder(module) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    for item in items:
        if is_nightly_by_folder(item.path.relative_to(config.rootpath).as_posix()):
            item.add_marker(NIGHTLY)


def is_nightly_by_folder(module: str) -> bool:
    """Returns whether the tests of a module are nightly because of its path in the repository."""
    path = PurePosixPath(module)
    return path.is_relative_to(ENGINE) and path.parent != MAIN_JOB


def param(value: object, *, each_change: bool, id: str | None = None) -> Any:
    """Returns a parameter whose tests are nightly unless they are of each change."""
    return pytest.param(value, id=id, marks=() if each_change else getattr(pytest.mark, NIGHTLY))


def is_nightly(test: str, root: Path) -> bool:
    """Returns whether ``make test`` leaves out a test, given as the path of a module or as the id of a function.

    A module is left out if all its tests are. Marks are read from the source, so nothing runs.
    """
    module, _, function = test.partition("::")
    if is_nightly_by_folder(module):
        return True
    if not module.endswith(".py"):
        return False
    tree = ast.parse((root / module).read_text(encoding="utf-8"))
    if any(isinstance(node, ast.Assign) and _names_mark([node.value]) for node in tree.body):
        return True
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return any(
        _names_mark(candidate.decorator_list) for candidate in functions if candidate.name == function.partition("[")[0]
    )


def _names_mark(nodes: Collection[ast.expr]) -> bool:
    attributes = (node for root in nodes for node in ast.walk(root) if isinstance(node, ast.Attribute))
    return any(node.attr == NIGHTLY for node in attributes)
