"""Writes docs/requirements.md and the table of docs/status.md: ``python -m tests.support.docs.ledger_status``.

Both come from the ledger and from the citations in the source of the tests, so nothing runs; a citing test that fails
fails `make test`.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.access.table import cited_by_cells, matrix
from tests.policies.test_real_preview import REQUIREMENTS
from tests.support.ledger.citations import MARK, Cited, Level, Standing, best_levels, cited_by_mark
from tests.support.ledger.clauses import LEDGER, Ledger, ranges, read_ledger

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/status.md"
LIST = ROOT / "docs/requirements.md"
TESTS = ("tests", "packages")

CITED_BY_DATA: Mapping[str, Callable[[], frozenset[str]]] = {
    "tests/access/test_matrix.py": lambda: frozenset().union(*map(cited_by_cells, matrix().rules)),
    "tests/policies/test_real_preview.py": lambda: frozenset(REQUIREMENTS.values()),
}
"""Test modules whose marks take their ids from data, with what the data cites."""

_OPEN, _CLOSE = "<!-- output of `python -m tests.support.docs.ledger_status` -->\n", "<!-- end of output -->\n"
_BLOCK = re.compile(re.escape(_OPEN) + ".*?" + re.escape(_CLOSE), re.DOTALL)
EXCLUDED = {"skip", "xfail"}
_LEVEL_NAMES = {Level.RUN: "run", Level.DECLARED: "declared", Level.PERMISSION: "permission only"}


class UnreadableCitationError(Exception):
    """A mark takes its ids from code, and ``CITED_BY_DATA`` does not say which."""


def cited_in(source: str, name: str) -> frozenset[Cited]:
    """Returns what a test module cites. Tests marked as skipped or expected to fail cite nothing.

    Raises:
        UnreadableCitationError: A mark has an argument that is not a literal, in a module that
            ``CITED_BY_DATA`` does not list.
    """
    cited = cited_by_mark(CITED_BY_DATA[name]() if name in CITED_BY_DATA else (), {}, name)
    for call in _marks(ast.parse(source)):
        try:
            ids = [ast.literal_eval(argument) for argument in call.args]
            options = {str(given.arg): ast.literal_eval(given.value) for given in call.keywords}
        except ValueError:
            if name not in CITED_BY_DATA:
                fault = f"{name}:{call.lineno} cites requirements that only a test run knows"
                raise UnreadableCitationError(fault) from None
        else:
            cited |= cited_by_mark(ids, options, name)
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


def cited() -> frozenset[Cited]:
    """Returns what the tests of the repository cite."""
    modules = (path for folder in TESTS for path in (ROOT / folder).rglob("test_*.py"))
    sources = ((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in modules)
    return frozenset().union(*(cited_in(source, name) for name, source in sources if f"mark.{MARK}(" in source))


def standing_of(ledger: Ledger, citations: frozenset[Cited]) -> Standing:
    """Returns which clauses the citations show."""
    return Standing(ledger, best_levels(citations))


def table(standing: Standing) -> str:
    """Returns the table of the page: by area, requirements shown in all clauses, clauses by level, and what is left."""
    ledger = standing.ledger
    rows = [
        "| area | shown in all clauses | clauses: run | declared | permission only | open | closed by AWS | left |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]
    total: Counter[str] = Counter()
    for prefix, area in ledger.areas.items():
        count = Counter(
            standing.status(clause) for requirement in area.requirements for clause in ledger.requirements[requirement]
        )
        left = [requirement for requirement in area.requirements if not standing.is_whole(requirement)]
        listed = f"all of {prefix}" if left == list(area.requirements) else ranges(left)
        heading = f"{prefix}: {area.title}"
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        link = f"[{area.title[0].upper()}{area.title[1:]}]({LIST.name}#{anchor})"
        shown = f"{len(area.requirements) - len(left)} of {len(area.requirements)}"
        rows.append(f"| {link} | {shown} | {_numbers(count)} | {listed} |")
        total += count
    whole = sum(map(standing.is_whole, ledger.requirements))
    return "\n".join([*rows, f"| **All** | **{whole} of {len(ledger.requirements)}** | {_numbers(total)} |  |"])


def _numbers(count: Counter[str]) -> str:
    return " | ".join(str(count[status]) for status in (*Level, "open", "closed"))


def requirements_list(standing: Standing) -> str:
    """Returns the tables of docs/requirements.md, one for each area, with a row for each clause."""
    ledger = standing.ledger
    parts: list[str] = []
    for prefix, area in ledger.areas.items():
        rows = [f"## {prefix}: {area.title}", "", "| id | requirement | shown |", "|---|---|---|"]
        for requirement in area.requirements:
            rows += [_row(standing, clause) for clause in ledger.requirements[requirement]]
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _row(standing: Standing, clause: str) -> str:
    status = standing.status(clause)
    notes = [_LEVEL_NAMES[standing.levels[clause]] if clause in standing.levels else status]
    if closed := standing.ledger.closed_by(clause):
        notes.append(f"AWS closed {closed.service} to new customers on {closed.since}. {closed.instead}")
    return f"| {clause} | {standing.ledger.clauses[clause]} | {'; '.join(notes)} |"


def renewed(page: str, output: str) -> str:
    """Returns a page with the generated output in its place."""
    return _BLOCK.sub(lambda _: f"{_OPEN}{output}\n{_CLOSE}", page)


def pages() -> dict[Path, str]:
    """Returns the pages as they should be, by path."""
    standing = standing_of(read_ledger(ROOT / LEDGER), cited())
    outputs = {PAGE: table(standing), LIST: f"\n{requirements_list(standing)}"}
    return {page: renewed(page.read_text(encoding="utf-8"), output) for page, output in outputs.items()}


def main() -> None:
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
