"""Updates the command output that the documentation quotes: ``python -m selfservice.cli.reference_pages``.

A quotation is a fenced block below a comment that names the command::

    <!-- output of `plinth graph --accounts` -->

Only commands whose output depends on the settings and the program alone are quoted: it is equal on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner

from selfservice.cli.command import main

ROOT = Path(__file__).resolve().parents[2]
_QUOTATION = re.compile(r"(<!-- output of `plinth ([^`]+)` -->\n```\w*\n)(.*?)^```$", re.DOTALL | re.MULTILINE)
"""A quotation ends with a fence of its own line; it may be empty before it is first written."""
_COLUMNS = 80


def documents() -> Iterator[Path]:
    """Yields every page of the documentation."""
    yield from sorted(ROOT.glob("*.md"))
    yield from sorted((ROOT / "docs").rglob("*.md"))
    yield ROOT / "tests" / "README.md"


def renewed(text: str) -> str:
    """Returns the text with every quotation replaced by the current output."""
    return _QUOTATION.sub(lambda found: f"{found[1]}{output_of(found[2])}\n```", text)


def output_of(arguments: str) -> str:
    """Returns what ``plinth`` prints for the example organization.

    Raises: RuntimeError if the command fails.
    """
    words = ["--cwd", str(ROOT), *arguments.split()]
    result = CliRunner().invoke(main, words, prog_name="plinth", terminal_width=_COLUMNS)
    if result.exit_code != 0:
        raise RuntimeError(f"plinth {arguments} ended with {result.exit_code}: {result.output}")
    return "\n".join(line.rstrip() for line in result.output.strip().splitlines())


if __name__ == "__main__":
    for document in documents():
        text = document.read_text(encoding="utf-8")
        if text != renewed(text):
            document.write_text(renewed(text), encoding="utf-8")
