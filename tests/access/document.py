"""Generates the tables of the access guide: ``python -m tests.access.document``."""

from __future__ import annotations

from pathlib import Path

from tests.access.report import differences_table, permissions_table
from tests.access.table import matrix

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "access.md"
MARK = "<!-- Generated from tests/access/matrix.yaml by `make reference`. -->\n"
"""Marks the start of the generated tables, which are the end of the guide."""
DIFFERENCES = "## Differences in other organizations"


def renewed(text: str) -> str:
    """Returns the guide with the tables of the current matrix.yaml."""
    above, mark, _ = text.partition(MARK)
    return f"{above}{mark}{permissions_table(matrix())}\n\n{DIFFERENCES}\n{differences_table(matrix())}\n"


if __name__ == "__main__":
    GUIDE.write_text(renewed(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
