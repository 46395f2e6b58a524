"""Tests that ``make test`` leaves out: ``@pytest.mark.nightly(everyday="…")`` names the test that it runs instead.

``make test-all`` runs all tests, each night and before a release. Marks are read from the source, so nothing runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.docs.ledger_status import TESTS, mark_name
from tests.support.requirements import MARK, Cited

NIGHTLY = "nightly"


@dataclass(frozen=True)
class WrittenTest:
    """A test function as its module contains it."""

    id: str
    everyday: tuple[str, ...]
    """Ids that marks of the function or its module name."""
    cited: frozenset[str]
    """Requirements whose behaviour the function shows."""

    @property
    def is_nightly(self) -> bool:
        return bool(self.everyday)


def module_sources(root: Path) -> dict[str, str]:
    """Returns the text of each test module of the repository by its path."""
    files = (file for folder in TESTS for file in (root / folder).rglob("test_*.py"))
    return {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8") for file in sorted(files)}


def read_tests(sources: Mapping[str, str]) -> Iterator[WrittenTest]:
    """Yields all test functions of modules. A mark that only some parameters have makes no function nightly."""
    for name, source in sources.items():
        yield from read_module(source, name)


def read_module(source: str, name: str) -> Iterator[WrittenTest]:
    """Yields the test functions of a module."""
    module = ast.parse(source)
    of_module = [node.value for node in module.body if isinstance(node, ast.Assign) and _is_pytestmark(node)]
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = [*node.decorator_list, *(mark for value in of_module for mark in _marks(value))]
            yield WrittenTest(
                id=f"{name}::{node.name}",
                everyday=tuple(_argument(mark) for mark in marks if mark_name(mark) == NIGHTLY),
                cited=frozenset(one for mark in marks if mark_name(mark) == MARK for one in _behaviour(mark)),
            )


def named_by_marks(sources: Mapping[str, str]) -> set[str]:
    """Returns the ids of the tests that run each day instead of others, also for some parameters of a test."""
    return {
        _argument(node)
        for source in sources.values()
        if NIGHTLY in source
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and mark_name(node) == NIGHTLY
    }


def _is_pytestmark(node: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets)


def _marks(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.List | ast.Tuple) else [value]


def _argument(mark: ast.expr) -> str:
    """Returns the id that a mark names. Raises ValueError if it names none."""
    given = {one.arg: one.value for one in mark.keywords} if isinstance(mark, ast.Call) else {}
    if "everyday" not in given:
        raise ValueError(f"line {mark.lineno}: {NIGHTLY} names no test that runs each day instead")
    return str(ast.literal_eval(given["everyday"]))


def _behaviour(mark: ast.expr) -> frozenset[str]:
    if not isinstance(mark, ast.Call) or not all(isinstance(one, ast.Constant) for one in mark.args):
        return frozenset()
    keywords = {str(one.arg): ast.literal_eval(one.value) for one in mark.keywords}
    return Cited.by([ast.literal_eval(one) for one in mark.args], keywords).behaviour
