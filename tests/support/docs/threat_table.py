"""Writes the tests of each threat into docs/reference/threats.md: ``python -m tests.support.docs.threat_table``.

A test names the threats whose counter-measure it shows with ``@pytest.mark.threat("T-09")``. The marks are read from
the source of the tests, so nothing runs.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.support.docs.ledger_status import EXCLUDED, ROOT, TESTS, mark_name

THREATS = Path(__file__).with_name("threats.yaml")
PAGE = ROOT / "docs/reference/threats.md"
MARK = "threat"

_OPEN, _CLOSE = "<!-- output of `python -m tests.support.docs.threat_table` -->\n", "<!-- end of output -->\n"
_BLOCK = re.compile(re.escape(_OPEN) + ".*?" + re.escape(_CLOSE), re.DOTALL)


class UnreadableMarkError(Exception):
    """A mark has arguments that are not literals, or does not belong to one test function."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Threat:
    """A threat, what counters it, and what no test shows."""

    threat: str
    measure: str = ""
    """Empty if the threat does not concern requests for teams."""
    open: str = ""


class Marked(NamedTuple):
    """A test that shows the counter-measure of a threat."""

    file: str
    """Path relative to the repository."""
    name: str


def threats() -> dict[str, Threat]:
    """Returns the threats by id."""
    return {id_: Threat(**given) for id_, given in yaml.safe_load(THREATS.read_text(encoding="utf-8")).items()}


def marked_in(source: str, file: str) -> Iterator[tuple[str, Marked]]:
    """Yields each marked threat of a test module with its test. A test that is skipped or expected to fail shows none.

    Raises: UnreadableMarkError.
    """
    module = ast.parse(source)
    of_functions = set()
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = {mark_name(decorator) for decorator in function.decorator_list}
        for decorator in function.decorator_list:
            if mark_name(decorator) != MARK:
                continue
            of_functions.add(decorator)
            for id_ in _ids(decorator, file):
                if not names & EXCLUDED:
                    yield id_, Marked(file, function.name)
    for node in ast.walk(module):
        if mark_name(node) == MARK and isinstance(node, ast.Call) and node not in of_functions:
            raise UnreadableMarkError(f"{file}:{node.lineno}: mark test functions, so that the page can name them")


def _ids(decorator: ast.expr, file: str) -> list[str]:
    if not isinstance(decorator, ast.Call) or not decorator.args or decorator.keywords:
        raise UnreadableMarkError(f"{file}:{decorator.lineno}: @pytest.mark.{MARK} names its threats and nothing else")
    try:
        return [str(ast.literal_eval(argument)) for argument in decorator.args]
    except ValueError:
        raise UnreadableMarkError(f"{file}:{decorator.lineno}: write the ids of threats as literals") from None


def marked() -> dict[str, list[Marked]]:
    """Returns the marked tests of the repository by threat, sorted."""
    found: dict[str, list[Marked]] = defaultdict(list)
    for path in sorted(path for folder in TESTS for path in (ROOT / folder).rglob("test_*.py")):
        source = path.read_text(encoding="utf-8")
        if f"mark.{MARK}" not in source or path.name == "test_threat_table.py":
            continue
        for id_, test in marked_in(source, path.relative_to(ROOT).as_posix()):
            found[id_].append(test)
    return {id_: sorted(tests) for id_, tests in found.items()}


def table(listed: Mapping[str, Threat], tests: Mapping[str, list[Marked]]) -> str:
    """Returns the Markdown table of the threats."""
    rows = ["| id | threat | counter-measure | shown by | not shown |", "|---|---|---|---|---|"]
    for id_, threat in listed.items():
        shown = ", ".join(f"[`{test.name}`](../../{test.file})" for test in tests.get(id_, []))
        cells = (id_, threat.threat, threat.measure, shown, threat.open)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def renewed(page: str) -> str:
    """Returns the page with the current table."""
    return _BLOCK.sub(lambda _: f"{_OPEN}{table(threats(), marked())}\n{_CLOSE}", page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
