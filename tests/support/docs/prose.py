"""Refuses docstrings, headings and paragraphs that open without a subject: ``python -m tests.support.docs.prose``.

"Of a folder of objects, those who read it" makes a stranger read twice. "Returns the environments that read an object
dataset" does not. The check reads the first words of every docstring (attribute docstrings included) and of every
heading, paragraph and list item in the Markdown files.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[3]

TELEGRAPHIC = re.compile(
    r"(Of|By(?! default\b)|The same|Those|Whom|Whose|Who|What of|What is (said|told|asked)"
    r"|Where \S+( \S+)? stands?|(To|In|From|With|Without|For|At|On|Among) (whom|whose|which|what))\b"
)
"""Openings that have no subject, or hide it. "By default" is standard English and allowed."""

LEFT_OUT: tuple[str, ...] = (
    "etl/steps/card_history.py",  # deployed with its content hash: a changed docstring is an update of the job
)
"""Files that the check does not read, with the reason."""

_SKIPPED = {".git", ".venv", ".sandbox", "node_modules"}
_OUTPUT = "build"
"""Folder of the repository that holds what commands write. Folders of this name elsewhere are sources."""
_FENCE = re.compile(r"^\s*(```|~~~)")
_BLOCK = re.compile(r"^\s*(?:#+ |[-*] |\d+\. |> )?(?:\*\*|\*)?")


@dataclass(frozen=True, slots=True)
class Opening:
    """The first words of a docstring, a heading, a paragraph or a list item."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text[:70]}"


def of_python(path: Path, source: str) -> Iterator[Opening]:
    """Yields the opening of every docstring and attribute docstring of a module."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for statement in node.body:
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield Opening(path, statement.lineno, text.strip())


def of_markdown(path: Path, source: str) -> Iterator[Opening]:
    """Yields the opening of every heading, paragraph and list item outside fenced blocks."""
    fenced, continues = False, False
    for number, line in enumerate(source.splitlines(), start=1):
        if _FENCE.match(line):
            fenced, continues = not fenced, False
            continue
        marker = _BLOCK.match(line)
        text = line[marker.end() :] if marker else line
        begins = not continues or re.match(r"\s*([-*]|\d+\.) ", line)
        if not fenced and text and not line.startswith("|") and begins:
            yield Opening(path, number, text)
        continues = bool(text) and not line.startswith("#")


def files(root: Path) -> Iterator[Path]:
    """Yields every Python module and Markdown page under the root, relative to it."""
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.suffix in {".py", ".md"} and relative.parts[0] != _OUTPUT and not _SKIPPED & set(relative.parts):
            yield relative


def findings(root: Path) -> Iterator[Opening]:
    """Yields every telegraphic opening under the root, whether or not its folder is left out."""
    for path in files(root):
        source = (root / path).read_text(encoding="utf-8")
        openings = of_python(path, source) if path.suffix == ".py" else of_markdown(path, source)
        yield from (opening for opening in openings if TELEGRAPHIC.match(opening.text))


def is_left_out(path: Path) -> bool:
    """Returns whether the check leaves out the path."""
    return any(path.is_relative_to(folder) for folder in LEFT_OUT)


@click.command()
def main() -> None:
    """Print every opening without a subject, and fail if there is one."""
    found = [opening for opening in findings(ROOT) if not is_left_out(opening.path)]
    for opening in found:
        click.echo(opening)
    if found:
        raise click.ClickException(f"{len(found)} openings without a subject; begin with a noun phrase or a verb")


if __name__ == "__main__":
    main()
