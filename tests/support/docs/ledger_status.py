"""Writes the status of the requirements into the README: ``python -m tests.support.docs.ledger_status``.

The table counts, for each section of the ledger, the requirements that a test cites, and names those that no test
cites. Citations are read from the source of the tests, so nothing runs; a citing test that fails fails `make test`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

from tests.access.table import matrix
from tests.policies.test_real_preview import REQUIREMENTS
from tests.support.requirements import ENTRY, LEDGER, MARK, read_ledger

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "README.md"
TESTS = ("tests", "packages")

CITED_BY_DATA: Mapping[str, Callable[[], set[str]]] = {
    "tests/access/test_matrix.py": lambda: {cited for rule in matrix().rules for cited in rule.shows},
    "tests/policies/test_real_preview.py": lambda: set(REQUIREMENTS.values()),
}
"""Test modules whose marks take their ids from data, with the ids that the data contains."""

_OPEN, _CLOSE = "<!-- output of `python -m tests.support.docs.ledger_status` -->\n", "<!-- end of output -->\n"
_BLOCK = re.compile(re.escape(_OPEN) + ".*?" + re.escape(_CLOSE), re.DOTALL)
_SECTION = re.compile(r"^## (?P<heading>(?P<group>[A-Z0-9]+): (?P<title>.+))$", re.MULTILINE)
_EXCLUDED = {"skip", "xfail"}


class UnreadableCitationError(Exception):
    """A mark takes its ids from code, and ``CITED_BY_DATA`` does not say which."""


def cited_in(source: str, name: str) -> set[str]:
    """Returns the ids that a test module cites. Tests marked as skipped or expected to fail cite nothing.

    Raises:
        UnreadableCitationError: A mark has an argument that is not a literal, in a module that
            ``CITED_BY_DATA`` does not list.
    """
    module = ast.parse(source)
    cited: set[str] = set()
    for call in _marks(module):
        if all(isinstance(argument, ast.Constant) for argument in call.args):
            cited |= {str(argument.value) for argument in call.args if isinstance(argument, ast.Constant)}
        elif name not in CITED_BY_DATA:
            raise UnreadableCitationError(f"{name}:{call.lineno} cites requirements that only a test run knows")
    return cited | (CITED_BY_DATA[name]() if name in CITED_BY_DATA else set())


def _marks(module: ast.Module) -> Iterator[ast.Call]:
    excluded = {
        mark
        for function in ast.walk(module)
        if isinstance(function, ast.FunctionDef | ast.ClassDef)
        and any(_mark_name(decorator) in _EXCLUDED for decorator in function.decorator_list)
        for decorator in function.decorator_list
        for mark in ast.walk(decorator)
    }
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _mark_name(node) == MARK and node not in excluded:
            yield node


def _mark_name(node: ast.AST) -> str:
    """Returns ``x`` for the expression ``pytest.mark.x``, with or without a call."""
    target = node.func if isinstance(node, ast.Call) else node
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Attribute) and target.value.attr == "mark":
        return target.attr
    return ""


def cited() -> set[str]:
    """Returns the ids that any test of the repository cites."""
    modules = (path for folder in TESTS for path in (ROOT / folder).rglob("test_*.py"))
    sources = ((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in modules)
    return {cited for name, source in sources if f"mark.{MARK}(" in source for cited in cited_in(source, name)}


def table(ledger: str, shown: set[str]) -> str:
    """Returns the Markdown table: section, number of requirements shown, requirements not shown."""
    sections = {found["group"]: found for found in _SECTION.finditer(ledger)}
    rows = ["| area | shown by tests | not yet |", "|---|---|---|"]
    ids = [entry["id"] for entry in ENTRY.finditer(ledger)]
    for group, members in groupby(ids, key=lambda cited: cited.partition("-")[0]):
        listed = list(members)
        missing = [requirement for requirement in listed if requirement not in shown]
        section = sections[group]
        anchor = re.sub(r"[^\w\- ]", "", section["heading"].lower()).replace(" ", "-")
        title = section["title"][0].upper() + section["title"][1:]
        link = f"[{title}]({LEDGER.as_posix()}#{anchor})"
        rows.append(f"| {link} | {len(listed) - len(missing)} of {len(listed)} | {_ranges(group, listed, missing)} |")
    count = len(shown & set(ids))
    return "\n".join([*rows, f"| **All** | **{count} of {len(ids)}** | |"])


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
    return _BLOCK.sub(lambda _: f"{_OPEN}{table(ledger, cited() & read_ledger(ROOT / LEDGER).keys())}\n{_CLOSE}", page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
