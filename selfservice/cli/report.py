"""The report of a command: problems and a table as text, or one JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import fill

from selfservice.cli.formatting import COLUMNS, count_by_column, format_changes
from selfservice.cli.problems import errors_as_lines, refusals_as_lines
from selfservice.engine.differences import as_lines
from selfservice.errors import ExitCode
from selfservice.formatting import counted, duration, resource_name
from selfservice.operations.operation import Action, Outcome, Status
from selfservice.runner.process import LOG

_NARROWEST = 80
"""Columns of the narrowest terminal on which lines of sums are not broken in a word."""
_HEADINGS = ("stack", "status", "resources", *COLUMNS, "time")
_PREVIEWED = ("stack", "status", "resources", "would create", "would change", "would delete", "time")
"""Headings of a preview, in the order of the columns of other commands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The outcomes of all stacks of a command."""

    action: Action
    outcomes: Mapping[str, Outcome]
    seconds: float
    logs: Path
    """Directory with the logs, in one directory per stack."""
    expect_no_changes: bool = False

    @property
    def accounts(self) -> int:
        """The number of distinct AWS accounts in the stack outputs."""
        return len({account for outcome in self.outcomes.values() for account in outcome.accounts})

    @property
    def changes(self) -> dict[str, int]:
        total: dict[str, int] = {}
        for outcome in self.outcomes.values():
            for step, count in outcome.changes.items():
                total[step] = total.get(step, 0) + count
        return total

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the worst outcome."""
        statuses = {outcome.status for outcome in self.outcomes.values()}
        if Status.INTERRUPTED in statuses:
            return ExitCode.INTERRUPTED
        if Status.FAILED in statuses:
            return ExitCode.FAILED
        if Status.REFUSED in statuses:
            return ExitCode.REFUSED
        drifted = any(outcome.drifted for outcome in self.outcomes.values())
        if self.expect_no_changes and (self.changes or drifted):
            return ExitCode.CHANGES
        return ExitCode.OK

    def as_text(self) -> str:
        """Returns differences and problems first and the table last, so that the table stays visible on the screen."""
        headings = _PREVIEWED if self.action is Action.PREVIEW else _HEADINGS
        table = _aligned([headings, *map(self._row, self.outcomes)])
        parts = [self._differences(), self.problems, self._drift(), table, self._skipped(), self._total()]
        return "\n\n".join(part for part in parts if part)

    def as_json(self) -> str:
        document = {
            "action": self.action,
            "exit_code": self.exit_code,
            "seconds": round(self.seconds, 1),
            "logs": str(self.logs),
            "accounts": self.accounts,
            "resources": self._resources,
            "changes": self.changes,
            "stacks": {stack: self._stack_document(stack) for stack in self.outcomes},
        }
        return json.dumps(document, indent=2)

    @property
    def _resources(self) -> int:
        return sum(outcome.resources for outcome in self.outcomes.values())

    def _row(self, stack: str) -> Sequence[str]:
        outcome = self.outcomes[stack]
        counts = count_by_column(outcome.changes)
        changes = [str(counts[column]) for column in COLUMNS]
        is_previewed = self.action is Action.PREVIEW and outcome.status is Status.SUCCEEDED
        return (
            stack,
            "previewed" if is_previewed else outcome.status,
            str(outcome.resources),
            *changes,
            duration(outcome.seconds),
        )

    def _total(self) -> str:
        what = "would be: " if self.action is Action.PREVIEW else ""
        return fill(
            f"{counted(len(self.outcomes), 'stack')}, {counted(self.accounts, 'account')}, "
            f"{counted(self._resources, 'resource')}; "
            f"{what}{format_changes(self.changes)}; {duration(self.seconds)}",
            _NARROWEST,
        )

    def _skipped(self) -> str:
        left_out = sum(1 for outcome in self.outcomes.values() if outcome.reason)
        if not left_out:
            return ""
        were = "was" if left_out == 1 else "were"
        return f"{counted(left_out, 'stack')} {were} not run, because no input changed; --no-skip runs all"

    @property
    def problems(self) -> str:
        """The errors and the refusals of policies, each once."""
        errors = errors_as_lines(self.outcomes, self._log)
        return "\n".join([*refusals_as_lines(self.outcomes), *errors])

    def _differences(self) -> str:
        changed = {stack: outcome.differences for stack, outcome in self.outcomes.items() if outcome.differences}
        return "\n".join(
            line for stack, differences in changed.items() for line in (f"{stack}:", *as_lines(differences))
        )

    def _drift(self) -> str:
        drifted = [(stack, urn) for stack, outcome in self.outcomes.items() for urn in outcome.drifted]
        return "\n".join(
            f"{stack}: differs in AWS from the last deployment: {resource_name(urn)}" for stack, urn in drifted
        )

    def _log(self, stack: str) -> Path:
        return self.logs / stack / LOG

    def _stack_document(self, stack: str) -> Mapping[str, object]:
        outcome = self.outcomes[stack]
        return {
            "status": outcome.status,
            "reason": outcome.reason,
            "held_up_by": outcome.held_up_by,
            "seconds": outcome.seconds,
            "resources": outcome.resources,
            "changes": dict(outcome.changes),
            "drifted": list(outcome.drifted),
            "drift": [asdict(difference) for difference in outcome.drift],
            "accounts": list(outcome.accounts),
            "differences": [asdict(difference) for difference in outcome.differences],
            "problems": [asdict(problem) for problem in outcome.problems],
            "log": str(self._log(stack)),
        }


def _aligned(rows: Iterable[Sequence[str]]) -> str:
    """Aligns the first two columns left and the others, which hold numbers, right."""
    table = list(rows)
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )
