"""The review of a request: what its change does to each stack, and the digest to which an approval is bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from selfservice.changes.approvable import Approvable
from selfservice.changes.requested.base import RequestForTeam
from selfservice.changes.settings_change import SettingsChange
from selfservice.fingerprints.facts import Facts, digest
from selfservice.projects.project import Project
from selfservice.reviews.comment import as_markdown
from selfservice.reviews.review import Review
from selfservice.runner.approved_steps import steps_of

_CODE = ("__main__.py", "components", "etl", "policies", "runtime", "settings", "stacks")
"""Files and folders that a deployment runs or uploads, beside the installed packages that a lock pins."""


class Reviewed(Protocol):
    """The review of a request."""

    @property
    def stacks(self) -> Sequence[str]:
        """The affected stacks; empty if everything is as requested."""

    @property
    def refusals(self) -> Sequence[str]:
        """Why the request cannot be carried out."""

    @property
    def approvable(self) -> Approvable:
        """The facts that people approve. Only for a review without refusals."""

    @property
    def summary(self) -> str:
        """The review in one line."""

    @property
    def delay(self) -> timedelta:
        """Time between the review and the earliest start."""

    def markdown(self, limit: int) -> str:
        """Returns the review as text of up to ``limit`` characters, which people read before they approve it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewedChange:
    """A change with the previews of the stacks that it affects."""

    request: RequestForTeam
    change: SettingsChange
    review: Review
    code: str
    """Digest of the program and of the policy packs."""
    template: str = ""
    """Template of a use case that is created, with its version and the commit; empty for other requests."""

    @property
    def delay(self) -> timedelta:
        """Time between the review and the earliest start."""
        return timedelta()

    @property
    def stacks(self) -> list[str]:
        """The affected stacks in dependency order."""
        return list(self.review.reasons)

    @property
    def refusals(self) -> list[str]:
        """Why the change cannot be deployed: rules, errors, and data that would be deleted without a waiver."""
        found = [*self.review.refusals, *self.review.errors]
        return [f"{stack}: {f'{problem.rule}: ' if problem.rule else ''}{problem.message}" for stack, problem in found]

    @property
    def steps(self) -> dict[str, list[str]]:
        """The steps of the previews, by stack. A deployment may do no more."""
        return {stack: steps_of(outcome.differences) for stack, outcome in self.review.outcomes.items()}

    @property
    def approvable(self) -> Approvable:
        """The facts that a person approves."""
        return Approvable(
            request=self.request.text,
            files=self.change.digests,
            code=self.code,
            steps=self.steps,
            reasons=dict(self.review.reasons),
            cost=str(self.cost),
            template=self.template,
        )

    @property
    def cost(self) -> Decimal | None:
        """Change of the fixed monthly cost in US dollars."""
        return None if self.review.cost is None else self.review.cost.after - self.review.cost.before

    @property
    def summary(self) -> str:
        """The review in one line."""
        steps = [step for found in self.steps.values() for step in found]
        kinds = {
            kind: sum(1 for step in steps if step.startswith(f"{kind} "))
            for kind in ("create", "update", "replace", "delete")
        }
        numbers = ", ".join(f"{number} to {kind}" for kind, number in kinds.items() if number)
        cost = "" if self.cost is None else f"; fixed cost {self.cost:+,.2f} USD a month"
        template = f"; template {self.template}" if self.template else ""
        counts = f": {numbers}" if numbers else ""
        return f"{self.review.extent}{counts}{cost}{template}"

    def markdown(self, limit: int) -> str:
        """Returns the review as text, after what the request does beside the changes of stacks."""
        announcement = self.request.announcement(self.template)
        begin = f"{announcement}\n\n" if announcement else ""
        return begin + as_markdown(self.review, limit=limit - len(begin))


def code_digest(project: Project) -> str:
    """Returns the digest of the program of a project, with its policy packs and the version of Plinth."""
    facts = Facts(own=(project.directory, project.program_directory))
    own = [project.program_directory / name for name in _CODE]
    packs = [pack for pack in project.policy_packs if not pack.is_relative_to(project.program_directory)]
    return digest([version("plinth"), *(_of(facts, path) for path in (*own, *packs))])


def _of(facts: Facts, path: Path) -> str:
    return facts.of_tree(path) if path.is_dir() else facts.of(str(path))
