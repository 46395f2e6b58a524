"""Changes that somebody made in AWS, by team, and findings that no stack declares: the result of a comparison."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from selfservice.engine.differences import UNKNOWN, as_lines
from selfservice.errors import ExitCode
from selfservice.formatting import code_block, counted
from selfservice.operations.operation import Difference, Outcome, Status
from selfservice.reports.undeclared import UndeclaredReport
from selfservice.undeclared.search import Undeclared

SHARED = "shared"
"""Heading of the stacks that belong to no team."""
_COMPARED = (Status.SUCCEEDED, Status.UNCHANGED)


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftReport:
    """The drift of several stacks."""

    outcomes: Mapping[str, Outcome]
    """The previews with a refresh, by stack."""
    teams: Mapping[str, str]
    """The team of each stack that belongs to one."""
    not_deployed: tuple[str, ...] = ()
    """Selected stacks that were never deployed, which have nothing to compare."""
    beyond: Undeclared | None = None
    """Findings that no stack declares; None if accounts were not searched."""

    @property
    def drifted(self) -> list[str]:
        return [stack for stack, outcome in self.outcomes.items() if outcome.drifted]

    @property
    def not_compared(self) -> list[str]:
        """The stacks whose preview failed, was refused or was skipped."""
        return [stack for stack, outcome in self.outcomes.items() if outcome.status not in _COMPARED]

    @property
    def by_team(self) -> dict[str, list[str]]:
        """The drifted stacks by team; shared ones first, the others by the name of the team."""
        found: dict[str, list[str]] = {}
        for stack in sorted(self.drifted, key=lambda stack: self.teams.get(stack, "")):
            found.setdefault(self.teams.get(stack, SHARED), []).append(stack)
        return found

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a comparison of all stacks."""
        if self.drifted or (self.beyond is not None and self.beyond.findings):
            return ExitCode.CHANGES
        return ExitCode.FAILED if self.beyond is not None and self.beyond.unread else ExitCode.OK

    def as_text(self) -> str:
        parts = [self._team(team, stacks) for team, stacks in self.by_team.items()]
        if self.drifted:
            parts.append(f"`plinth up {' '.join(self.drifted)}` restores what the settings say.")
        beyond = [] if self.beyond is None else list(UndeclaredReport(self.beyond).as_text())
        return "\n\n".join([*parts, *self._rest(), *beyond, "\n".join(self._totals())])

    def as_markdown(self) -> str:
        """Returns the report for an issue or the summary of a pipeline. Values are in code blocks, never Markdown."""
        parts = [f"### Plinth: {'; '.join(self._totals())}"]
        for team, stacks in self.by_team.items():
            parts.append(f"**{team}**")
            parts += [code_block("\n".join(self._stack(stack))) for stack in stacks]
        if self.drifted:
            parts.append(f"`plinth up {' '.join(self.drifted)}` restores what the settings say.")
        beyond = [] if self.beyond is None else list(UndeclaredReport(self.beyond).as_markdown())
        return "\n\n".join([*parts, *self._rest(), *beyond]) + "\n"

    def as_json(self) -> str:
        document = {
            "stacks": {
                stack: {
                    "team": self.teams.get(stack),
                    "status": outcome.status,
                    "drift": [asdict(difference) for difference in outcome.drift],
                    "not_applied": self._not_applied(outcome),
                    "not_read": list(outcome.not_read),
                    "problems": [problem.message for problem in outcome.problems],
                }
                for stack, outcome in self.outcomes.items()
            },
            "not_deployed": list(self.not_deployed),
            "undeclared": None if self.beyond is None else UndeclaredReport(self.beyond).as_document(),
        }
        return json.dumps(document, indent=2)

    def _team(self, team: str, stacks: list[str]) -> str:
        return "\n".join([f"{team}:", *(f"  {line}" for stack in stacks for line in self._stack(stack))])

    def _stack(self, stack: str) -> Iterator[str]:
        yield f"{stack}: {counted(len(self.outcomes[stack].drifted), 'resource')} changed in AWS"
        yield from as_lines(self.outcomes[stack].drift)

    @staticmethod
    def _not_applied(outcome: Outcome) -> int:
        """The number of changes that the next update makes because settings or Plinth changed since the last one.

        They are no drift, and neither are values that are known only after drift of the stack is corrected.
        """
        follows = [difference.urn for difference in outcome.differences if outcome.drifted and _is_unknown(difference)]
        return len({difference.urn for difference in outcome.differences} - {*outcome.drifted, *follows})

    def _rest(self) -> Iterator[str]:
        waiting = [stack for stack, outcome in self.outcomes.items() if self._not_applied(outcome)]
        if waiting:
            yield (
                f"Settings or Plinth have changed since the last update, which is no drift: {', '.join(waiting)}. "
                + (f"`plinth preview {' '.join(waiting)} --diff` shows what would change.")
            )
        left_out = {stack: len(outcome.not_read) for stack, outcome in self.outcomes.items() if outcome.not_read}
        if left_out:
            listed = ", ".join(f"{stack} {count}" for stack, count in left_out.items())
            yield f"Objects in S3 that the roles for reviews do not read, by stack: {listed}"
        if self.not_compared:
            yield f"Not compared: {', '.join(self.not_compared)}"
        if self.not_deployed:
            yield f"Never deployed: {', '.join(self.not_deployed)}"

    def _totals(self) -> Iterator[str]:
        compared = len(self.outcomes) - len(self.not_compared)
        resources = sum(len(self.outcomes[stack].drifted) for stack in self.drifted)
        found = f"{counted(resources, 'resource')} in {counted(len(self.drifted), 'stack')}" if resources else "none"
        yield f"drift: {found}; {counted(compared, 'stack')} compared with AWS"
        if self.beyond is not None:
            yield UndeclaredReport(self.beyond).total


def _is_unknown(difference: Difference) -> bool:
    return bool(difference.properties) and all(each.new == UNKNOWN for each in difference.properties)
