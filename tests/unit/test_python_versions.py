"""The code needs no newer release of Python 3.11 than distributions have: Debian 12 has 3.11.2."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.support.docs.prose import is_left_out
from tests.support.docs.tree import ROOT

FOLDERS = ("packages", "runtime", "selfservice", "settings", "components", "stacks", "policies", "templates", "etl")
UNPACKS = {"extract", "extractall"}


def filtered(module: ast.Module) -> Iterator[int]:
    """Yields the lines that unpack an archive with an argument that ``tarfile`` has since Python 3.11.4."""
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr), keywords=keywords) if attr in UNPACKS:
                if any(keyword.arg == "filter" for keyword in keywords):
                    yield node.lineno


@pytest.mark.parametrize(
    ("text", "lines"),
    [("tar.extractall(f, filter='data')", [1]), ("\ntar.extract(m, f, filter=x)", [2]), ("tar.extractall(f)", [])],
)
def test_arguments_of_later_releases_are_found(text: str, lines: list[int]) -> None:
    assert list(filtered(ast.parse(text))) == lines


def test_no_archive_is_unpacked_with_an_argument_of_a_later_release() -> None:
    """``TarFile.extraction_filter`` sets the filter where Python has filters."""
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    shown = {file.relative_to(ROOT): file for file in files if not is_left_out(file.relative_to(ROOT))}
    found = {path: lines for path, file in shown.items() if (lines := list(filtered(ast.parse(file.read_text()))))}
    assert found == {}
