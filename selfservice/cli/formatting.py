"""Formatting of outcomes that progress, summary and errors share."""

from __future__ import annotations

from collections.abc import Mapping

from selfservice.runner.operation import Outcome, Problem

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


def counted(number: int, noun: str) -> str:
    """Returns for example ``1 stack`` or ``2 stacks``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """Returns for example ``8.4 s`` or ``2 min 05 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def format_outcome(outcome: Outcome) -> str:
    """Returns an outcome as one line of progress."""
    if outcome.reason:
        return f"{outcome.status}: not run, {outcome.reason}"
    drift = f", {len(outcome.drifted)} drifted" if outcome.drifted else ""
    return f"{outcome.status}: {format_changes(outcome.changes)}{drift}, {duration(outcome.seconds)}"


def resource_name(urn: str) -> str:
    """Returns type and name of a resource, as written in the program."""
    parts = urn.split("::")
    if len(parts) < 4:
        return urn
    return f"{parts[2].rpartition('$')[2]} {'::'.join(parts[3:])}"


def problem_lines(problem: Problem) -> list[str]:
    """Returns a problem and its resource, indented below the stack."""
    first, *more = problem.message.splitlines() or [""]
    lines = [f"  {problem.urn}", f"    {first}"] if problem.urn else [f"  {first}"]
    return lines + [f"    {line}" for line in more]
