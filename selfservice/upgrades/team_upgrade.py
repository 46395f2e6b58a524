"""Changes that an upgrade to the installed version makes in one team."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selfservice.formatting import counted
from selfservice.operations.operation import Outcome, Status
from selfservice.runner.approved_steps import steps_of

UNKNOWN = "unknown version"
_VERBS = {"create": "create", "import": "create", "update": "update", "replace": "replace", "delete": "delete"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamUpgrade:
    """The previews of a team's stacks with the installed version."""

    team: str
    recorded: str
    """Version that deployed the team, according to the team catalog; empty if there is no record."""
    installed: str
    outcomes: Mapping[str, Outcome]
    """Outcomes of the previews by stack."""

    @property
    def stacks(self) -> list[str]:
        """The stacks with changes, in the order of their previews."""
        return [stack for stack, outcome in self.outcomes.items() if outcome.changes]

    @property
    def is_due(self) -> bool:
        """Whether a stack would change, or the catalog has another version than the installed one."""
        return bool(self.stacks) or self.recorded not in ("", self.installed)

    @property
    def refusals(self) -> list[str]:
        """Why the team cannot be upgraded: errors, findings of policies, and data that would be deleted without a
        waiver."""
        found = [
            (stack, problem)
            for stack, outcome in self.outcomes.items()
            for problem in (*outcome.problems, *outcome.unwaived)
        ]
        named = {stack for stack, _ in found}
        silent = [
            f"{stack}: the preview was {outcome.status}"
            for stack, outcome in self.outcomes.items()
            if outcome.status not in (Status.SUCCEEDED, Status.UNCHANGED) and stack not in named
        ]
        return [f"{stack}: {problem.message}" for stack, problem in found] + silent

    @property
    def approved(self) -> Mapping[str, Sequence[str]]:
        """The steps of the previews by stack. The update may do no more."""
        return {stack: steps_of(outcome.differences) for stack, outcome in self.outcomes.items()}

    @property
    def changes(self) -> dict[str, int]:
        """Number of resources to create, update, replace and delete."""
        total: Counter[str] = Counter()
        for outcome in self.outcomes.values():
            for step, count in outcome.changes.items():
                total[_VERBS.get(step, step)] += count
        return dict(total)

    def __str__(self) -> str:
        before = self.recorded or UNKNOWN
        versions = before if before == self.installed else f"{before} -> {self.installed}"
        if not self.is_due:
            return f"{self.team}: {versions}, nothing to change"
        steps = ", ".join(f"{count} to {verb}" for verb, count in sorted(self.changes.items())) or "no resource changes"
        return f"{self.team}: {versions}, {counted(len(self.stacks), 'stack')}: {steps}"
