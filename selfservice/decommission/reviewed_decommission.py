"""The review of a decommission or a retirement: what is destroyed, updated and kept, and what people approve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from selfservice.changes.approvable import Approvable
from selfservice.changes.requested.base import RequestForTeam
from selfservice.changes.reviewed_change import ReviewedChange
from selfservice.formatting import counted
from selfservice.removal.removal_text import described
from selfservice.removal.team_removal import Removal
from selfservice.reviews.comment import as_markdown

DESTROYED = "is destroyed"
"""Reason why a stack of the team, or that of the use case, is affected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewedDecommission:
    """A decommission or a retirement: the resources that it deletes, and the previews of the stacks that it updates."""

    request: RequestForTeam
    removal: Removal
    deleted: Mapping[str, Sequence[str]]
    """Deletions by destroyed stack, in dependency order."""
    updates: ReviewedChange | None
    """The settings without the subject, and the stacks that they affect; None if it is refused before the previews."""
    delay: timedelta = timedelta()
    """Time between the review and the earliest start, in which people can reject the request (T-20)."""
    refused: Sequence[str] = ()
    """Reasons that prevent it, beside those that the updates find."""

    @property
    def stacks(self) -> list[str]:
        """All affected stacks in dependency order."""
        return [*self._updates.stacks, *self.deleted] if self.updates else list(self.deleted)

    @property
    def refusals(self) -> list[str]:
        return [*self.refused, *(self.updates.refusals if self.updates else ())]

    @property
    def approvable(self) -> Approvable:
        """The facts that people approve."""
        updates = self._updates
        return Approvable(
            request=self.request.text,
            files=updates.change.digests,
            code=updates.code,
            steps={**updates.steps, **{stack: list(steps) for stack, steps in self.deleted.items()}},
            reasons={**updates.review.reasons, **dict.fromkeys(self.deleted, DESTROYED)},
            cost=str(updates.cost),
        )

    @property
    def summary(self) -> str:
        """The review in one line."""
        number = sum(map(len, self.deleted.values()))
        accounts = "" if self.removal.kind == "use case" else f"{counted(len(self.removal.accounts), 'account')}: "
        cost = "" if self._updates.cost is None else f"; fixed cost {self._updates.cost:+,.2f} USD a month"
        updated = counted(len(self._updates.stacks), "stack")
        return f"{accounts}{counted(number, 'resource')} to delete in {counted(len(self.deleted), 'stack')}; " + (
            f"{updated} to update{cost}"
        )

    def markdown(self, limit: int) -> str:
        """Returns the removal as text, with what the request deletes beside stacks, and the updates."""
        listed = f"{described(self.removal)}\n{self.request.announcement('')}"
        if self.updates is None or not self.updates.stacks:
            return listed[:limit]
        updates = as_markdown(self.updates.review, limit=max(limit - len(listed) - 2, 0))
        return f"{listed}\n\n{updates}"[:limit]

    @property
    def _updates(self) -> ReviewedChange:
        assert self.updates is not None
        return self.updates
