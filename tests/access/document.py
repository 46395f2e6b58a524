"""Renews the tables of the guide: ``python -m tests.access.document``."""

from __future__ import annotations

from pathlib import Path

from tests.access.report import can_and_cannot, differences
from tests.access.table import written

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "access.md"
MARK = "<!-- Generated from tests/access/matrix.yaml by `make reference`. -->\n"
"""Above the tables, which are the last thing of the guide."""
ELSEWHERE = "## What other organizations cannot hold"


def renewed(text: str) -> str:
    """The guide with the tables as matrix.yaml has them now."""
    above, mark, _ = text.partition(MARK)
    return f"{above}{mark}{can_and_cannot(written())}\n\n{ELSEWHERE}\n{differences(written())}\n"


if __name__ == "__main__":
    GUIDE.write_text(renewed(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
