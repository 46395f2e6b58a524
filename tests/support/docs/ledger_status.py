"""Writes the status of the requirements into the README: ``python -m tests.support.docs.ledger_status``.

The table counts, for each section of the ledger, the requirements whose behaviour a test shows. It names those of
which tests show only the permissions, and those that no test cites. Citations are read from the source of the tests, so
nothing runs; a citing test that fails fails `make test`.
"""

from __future__ import annotations

import ast
import functools
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from tests.access.table import matrix, shown_by_cells
from tests.policies.test_real_preview import REQUIREMENTS
from tests.support.requirements import ENTRY, LEDGER, MARK, Cited

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "README.md"
TESTS = ("tests", "packages")

CITED_BY_DATA: Mapping[str, Callable[[], Cited]] = {
    "tests/access/test_matrix.py": lambda: _union(Cited(*shown_by_cells(rule)) for rule in matrix().rules),
    "tests/policies/test_real_preview.py": lambda: Cited(behaviour=frozenset(REQUIREMENTS.values())),
}
"""Test modules whose marks take their ids from data, with what the data cites."""

_OPEN, _CLOSE = "<!-- output of `python -m tests.support.docs.ledger_status` -->\n", "<!-- end of output -->\n"
_BLOCK = re.compile(re.escape(_OPEN) + ".*?" + re.escape(_CLOSE), re.DOTALL)
_SECTION = re.compile(r"^## (?P<heading>(?P<group>[A-Z0-9]+): (?P<title>.+))$", re.MULTILINE)
EXCLUDED = {"skip", "xfail"}


class UnreadableCitationError(Exception):
    """A mark takes its ids from code, and ``CITED_BY_DATA`` does not say which."""


def cited_in(source: str, name: str) -> Cited:
    """Returns what a test module cites. Tests marked as skipped or expected to fail cite nothing.

    Raises:
        UnreadableCitationError: A mark has an argument that is not a literal, in a module that
            ``CITED_BY_DATA`` does not list.
    """
    cited = CITED_BY_DATA[name]() if name in CITED_BY_DATA else Cited()
    for call in _marks(ast.parse(source)):
        try:
            ids = [ast.literal_eval(argument) for argument in call.args]
            cited |= Cited.by(ids, {str(given.arg): ast.literal_eval(given.value) for given in call.keywords})
        except ValueError:
            if name not in CITED_BY_DATA:
                fault = f"{name}:{call.lineno} cites requirements that only a test run knows"
                raise UnreadableCitationError(fault) from None
    return cited


def _marks(module: ast.Module) -> Iterator[ast.Call]:
    excluded = {
        mark
        for function in ast.walk(module)
        if isinstance(function, ast.FunctionDef | ast.ClassDef)
        and any(mark_name(decorator) in EXCLUDED for decorator in function.decorator_list)
        for decorator in function.decorator_list
        for mark in ast.walk(decorator)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and mark_name(node) == MARK and node not in excluded:
            yield node


def mark_name(node: ast.AST) -> str:
    """Returns ``x`` for the expression ``pytest.mark.x``, with or without a call."""
    target = node.func if isinstance(node, ast.Call) else node
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Attribute) and target.value.attr == "mark":
        return target.attr
    return ""


def cited() -> Cited:
    """Returns what the tests of the repository cite."""
    modules = (path for folder in TESTS for path in (ROOT / folder).rglob("test_*.py"))
    sources = ((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in modules)
    return _union(cited_in(source, name) for name, source in sources if f"mark.{MARK}(" in source)


def _union(citations: Iterable[Cited]) -> Cited:
    return functools.reduce(operator.or_, citations, Cited())


def table(ledger: str, cited: Cited) -> str:
    """Returns the Markdown table: section, number of requirements shown, and the ids of the others."""
    sections = {found["group"]: found for found in _SECTION.finditer(ledger)}
    rows = ["| area | shown by tests | permissions only | not yet |", "|---|---|---|---|"]
    ids = [entry["id"] for entry in ENTRY.finditer(ledger)]
    for group, members in groupby(ids, key=lambda cited: cited.partition("-")[0]):
        listed = list(members)
        shown = [requirement for requirement in listed if requirement in cited.behaviour]
        permitted = [requirement for requirement in listed if requirement in cited.permissions - cited.behaviour]
        missing = [requirement for requirement in listed if requirement not in (*shown, *permitted)]
        section = sections[group]
        anchor = re.sub(r"[^\w\- ]", "", section["heading"].lower()).replace(" ", "-")
        title = section["title"][0].upper() + section["title"][1:]
        link = f"[{title}]({LEDGER.as_posix()}#{anchor})"
        others = [_ranges(group, listed, permitted), _ranges(group, listed, missing)]
        rows.append(f"| {link} | {len(shown)} of {len(listed)} | {' | '.join(others)} |")
    count, permitted_count = len(cited.behaviour), len(cited.permissions - cited.behaviour)
    left = len(ids) - count - permitted_count
    return "\n".join([*rows, f"| **All** | **{count} of {len(ids)}** | **{permitted_count}** | **{left}** |"])


def _ranges(group: str, listed: list[str], missing: list[str]) -> str:
    """Returns the missing ids, with consecutive ones as a range."""
    if missing == listed:
        return f"all of {group}"
    numbers = [int(requirement.rpartition("-")[2]) for requirement in missing]
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        f"{group}-{run[0]:02}" if len(run) == 1 else f"{group}-{run[0]:02} to {run[-1]:02}" for run in runs
    )


def renewed(page: str) -> str:
    """Returns the page with the current table."""
    ledger = (ROOT / LEDGER).read_text(encoding="utf-8")
    return _BLOCK.sub(lambda _: f"{_OPEN}{table(ledger, cited())}\n{_CLOSE}", page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
