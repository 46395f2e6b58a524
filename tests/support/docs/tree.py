"""Draws the layout of the repository from the docstrings of its packages: ``python -m tests.support.docs.tree``.

The drawing is a fenced block of ``docs/architecture.md``. It is two levels deep: each part of the product or
distribution, and the packages in it.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "architecture.md"

PARTS = ("settings", "components", "stacks", "policies", "selfservice", "runtime")
"""Top-level packages of the product, in the order in which they depend on each other."""

DISTRIBUTIONS = (
    "packages/plinth-sandbox/src/plinth_sandbox",
    "packages/iam-evaluator/src/iam_evaluator",
    "packages/plinth-project/src/plinth_project",
)
"""Packages of the repository that are installed separately and import nothing of the product."""

MOST_MODULES = 15
"""Modules that a folder may hold side by side, without ``__init__.py``."""

_MARK = "<!-- output of `python -m tests.support.docs.tree` -->\n"
_BLOCK = re.compile(re.escape(_MARK) + r"```text\n.*?^```\n", re.DOTALL | re.MULTILINE)
_COLUMN, _WIDTH = 24, 118


def description(package: Path) -> str:
    """Returns the first paragraph of the docstring of a package, on one line."""
    docstring = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.partition("\n\n")[0].split())


def packages_in(folder: Path) -> list[Path]:
    """Returns the packages directly inside a folder."""
    return sorted(init.parent for init in folder.glob("*/__init__.py"))


def drawn_packages() -> Iterator[Path]:
    """Yields every package of the drawing, each part before the packages in it."""
    for part in (*PARTS, *DISTRIBUTIONS):
        yield ROOT / part
        yield from packages_in(ROOT / part)


def drawing() -> str:
    """Returns the tree, one folder per entry with its description beside it."""
    lines: list[str] = []
    for package in drawn_packages():
        name = package.relative_to(ROOT).as_posix()
        if name in (*PARTS, *DISTRIBUTIONS):
            lines += ["", f"{name}/"] if lines else [f"{name}/"]
            lines += _entry("  ", description(package))
        else:
            lines += _entry(f"  {package.name}/".ljust(_COLUMN) + " ", description(package))
    return "\n".join(lines)


def _entry(start: str, text: str) -> list[str]:
    wrapped = textwrap.wrap(text, _WIDTH, initial_indent=start, subsequent_indent=" " * len(start))
    return wrapped or [start.rstrip()]


def renewed(page: str) -> str:
    """Returns the page with the current tree."""
    return _BLOCK.sub(lambda _: f"{_MARK}```text\n{drawing()}\n```\n", page)


def module_counts() -> dict[str, int]:
    """Returns the number of modules in every folder of the product and of the other distributions."""
    counts: dict[str, int] = {}
    for part in (*PARTS, *DISTRIBUTIONS):
        for module in (ROOT / part).rglob("*.py"):
            folder = module.parent.relative_to(ROOT).as_posix()
            counts[folder] = counts.get(folder, 0) + (module.name != "__init__.py")
    return counts


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
