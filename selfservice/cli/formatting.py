"""Formatting of outcomes that progress and report share."""

from __future__ import annotations

from collections.abc import Mapping

from selfservice.formatting import duration
from selfservice.operations.operation import Outcome

_COLUMN_OF = {
    "create": "created",
    "import": "created",
    "update": "changed",
    "replace": "changed",
    "delete": "deleted",
}
COLUMNS = ("created", "changed", "deleted")


def count_by_column(changes: Mapping[str, int]) -> dict[str, int]:
    """Returns the number of changes per column of the summary."""
    counted = dict.fromkeys(COLUMNS, 0)
    for step, count in changes.items():
        counted[_COLUMN_OF.get(step, "changed")] += count
    return counted


def format_changes(changes: Mapping[str, int]) -> str:
    """Returns for example ``3 created, 1 deleted``, or ``0 changes``."""
    parts = [f"{count} {column}" for column, count in count_by_column(changes).items() if count]
    return ", ".join(parts) or "0 changes"


def format_outcome(outcome: Outcome) -> str:
    """Returns an outcome as one line of progress."""
    if outcome.held_up_by:
        return f"{outcome.status}: held up by {outcome.held_up_by}"
    if outcome.reason:
        return f"{outcome.status}: not run, {outcome.reason}"
    drift = f", {len(outcome.drifted)} drifted" if outcome.drifted else ""
    return f"{outcome.status}: {format_changes(outcome.changes)}{drift}, {duration(outcome.seconds)}"
