"""Effects of a change: the previews of the stacks that it affects, and its fixed cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from selfservice.errors import BadInputError
from selfservice.formatting import counted
from selfservice.operations.operation import Difference, Outcome, Problem, Status
from selfservice.reports.cost.bill import bill
from selfservice.reports.cost.prices import PriceTable
from settings.derived.foundation import Foundation

REMOVING = ("replace", "delete")
"""Steps that delete a resource in AWS."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CostChange:
    """The fixed monthly cost before and after a change, in US dollars, with the endpoints of the settings."""

    before: Decimal
    after: Decimal
    by_account: Mapping[str, Decimal]
    """Difference of each account whose cost changes, by the account's label."""
    prices_of: str | None = None
    """Region whose prices stand for those of the home region, of which none are known; None if its own are known."""

    @classmethod
    def between(cls, before: Foundation, after: Foundation) -> CostChange | None:
        """Returns the change; None if an organization has nothing to count."""
        try:
            old, new = (_by_account(each) for each in (before, after))
        except BadInputError:
            return None
        differences = {label: new.get(label, Decimal(0)) - old.get(label, Decimal(0)) for label in {**old, **new}}
        return cls(
            before=sum(old.values(), Decimal(0)),
            after=sum(new.values(), Decimal(0)),
            by_account={label: usd for label, usd in differences.items() if usd},
            prices_of=None if (prices := _prices(after)).stands_for is None else prices.region,
        )


def _prices(foundation: Foundation) -> PriceTable:
    return PriceTable.for_region(foundation.organization.home_region)


def _by_account(foundation: Foundation) -> dict[str, Decimal]:
    mode = foundation.organization.endpoints
    calculated = bill(foundation, _prices(foundation), modes=(mode,))
    totals: dict[str, Decimal] = {}
    for line in calculated.lines:
        totals[line.account] = totals.get(line.account, Decimal(0)) + (calculated.usd(line, mode) or Decimal(0))
    return totals


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """The result of one review."""

    revision: str
    """The protected branch, as the user named it."""
    commit: str
    """Full hash of its newest commit, whose policies judged; empty for a review of a request."""
    stacks: int
    """Number of stacks in the settings."""
    teams: Mapping[str, str]
    """The team of each stack that belongs to one."""
    reasons: Mapping[str, str]
    """Why each affected stack is affected, in dependency order."""
    outcomes: Mapping[str, Outcome]
    """Outcomes of the previews."""
    removed: Sequence[str] = ()
    """Stacks that are no longer in the settings."""
    cost: CostChange | None = None
    """None if the settings before the change, or prices of the region, are not known."""
    policy_files: Sequence[str] = ()
    """Policy files that the change edits."""
    relaxed: Sequence[str] = ()
    """Rules that the change relaxes by its placement."""
    problems: Sequence[str] = field(default=())
    """Errors that prevented the previews, for example of the settings."""

    @property
    def changed(self) -> dict[str, Outcome]:
        """Outcomes with changes or problems."""
        return {
            stack: outcome
            for stack, outcome in self.outcomes.items()
            if outcome.changed or outcome.problems or outcome.status not in (Status.SUCCEEDED, Status.UNCHANGED)
        }

    @property
    def extent(self) -> str:
        """How many of the stacks the change would change, as the heading and the summary say it."""
        changed = sum(1 for outcome in self.outcomes.values() if outcome.changed)
        return f"{changed} of {counted(self.stacks, 'stack')} would change"

    @property
    def refusals(self) -> list[tuple[str, Problem]]:
        """Findings of policies, each with its stack."""
        return self._problems(of_rules=True)

    @property
    def errors(self) -> list[tuple[str, Problem]]:
        """Other errors, each with its stack: of previews, and data that an update would delete without a waiver."""
        unwaived = [(stack, problem) for stack, outcome in self.outcomes.items() for problem in outcome.unwaived]
        return [*self._problems(of_rules=False), *unwaived]

    @property
    def removals(self) -> list[tuple[str, Difference]]:
        """Resources that the change replaces or deletes, each with its stack."""
        return [
            (stack, difference)
            for stack, outcome in self.outcomes.items()
            for difference in outcome.differences
            if difference.step in REMOVING
        ]

    def _problems(self, *, of_rules: bool) -> list[tuple[str, Problem]]:
        return [
            (stack, problem)
            for stack, outcome in self.outcomes.items()
            for problem in outcome.problems
            if bool(problem.rule) is of_rules
        ]
