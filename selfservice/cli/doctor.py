"""The table of ``plinth doctor``: the parts of the set-up and how to install what is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Row:
    """One part of the set-up."""

    component: str
    version: str
    origin: str
    ok: bool
    fix: str
    """The remedy; empty if the part is installed."""

    @classmethod
    def of(cls, row: Any) -> Self:
        """Builds a row from the result of a check: an object with these five attributes."""
        return cls(row.component, str(row.version), str(row.origin), bool(row.ok), row.fix or "")


def rows_as_text(rows: Sequence[Row]) -> str:
    """Returns a line per part, and the remedy below each missing part."""
    width = max((len(row.component) for row in rows), default=0)
    lines: list[str] = []
    for row in rows:
        found = f"{row.version}  {row.origin}".strip() if row.ok else row.version or "missing"
        lines.append(f"{'ok' if row.ok else '!!'}  {row.component.ljust(width)}  {found}".rstrip())
        if not row.ok:
            lines.append(f"    {' ' * width}  fix: {row.fix}")
    return "\n".join(lines)


def rows_as_json(rows: Sequence[Row]) -> str:
    return json.dumps([asdict(row) for row in rows], indent=2)
