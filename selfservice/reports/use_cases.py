"""The report of use cases: what each is for, who decides, and how far it is.

Goals, people and names come from the settings. The stage comes from the model registry and the records of promotions.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Literal

from settings.derived.foundation import Foundation
from settings.derived.use_case_names import GROUP_BRANCHES, REPOSITORIES, UseCaseNames

Stage = Literal["idea", "planned", "building", "trained", "preproduction", "production"]
STAGES: dict[Stage, str] = {
    "idea": "has no delivery",
    "planned": "has a delivery that is not deployed",
    "building": "has no model version",
    "trained": "has a model version that nothing serves",
    "preproduction": "is served in pre-production",
    "production": "is served in production",
}
"""Stages of a use case, from the first to the last one, with what each says of it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCaseReport:
    """A use case. One without a delivery has only folders in the ML buckets."""

    team: str
    name: str
    goal: str = ""
    owner: str
    """E-mail address of the team's owner."""
    contributors: tuple[str, ...] = ()
    """User names of the people who push code; empty for all data scientists and ML engineers of the team."""
    approvers: tuple[str, ...] = ()
    """User names of the people who approve promotions, at any stage."""
    stack: str | None = None
    """Name of its stack; None without a delivery."""
    repositories: tuple[str, ...] = ()
    model_package_groups: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    stage: Stage | None = None
    """How far it is; None if that was not read."""
    status: str = ""
    """Text about the served versions and the waiting promotions."""

    def at(self, stage: Stage, status: str) -> UseCaseReport:
        return replace(self, stage=stage, status=status)

    def contains(self, words: Iterable[str]) -> bool:
        """Returns whether team, name, goal, owner or people contain each word, in whatever case."""
        text = " ".join((self.team, self.name, self.goal, self.owner, *self.contributors, *self.approvers)).lower()
        return all(word.lower() in text for word in words)


def use_cases_of(foundation: Foundation) -> list[UseCaseReport]:
    """Returns the use cases of all teams, by team and name."""
    return [
        use_case_of(foundation, team.name, name)
        for team in foundation.teams.values()
        for name in sorted(team.use_cases)
    ]


def use_case_of(foundation: Foundation, team: str, name: str) -> UseCaseReport:
    """Returns a use case of the settings."""
    owner, settings = foundation.teams[team].owner, foundation.teams[team].use_cases[name]
    found = UseCaseReport(team=team, name=name, goal=settings.goal, owner=owner)
    delivery = settings.delivery
    if delivery is None:
        return found
    names = UseCaseNames(team=team, use_case=name)
    people = (person for stage in foundation.approvers_of(team, name).values() for person in stage)
    return replace(
        found,
        contributors=tuple(delivery.contributors),
        approvers=tuple(dict.fromkeys(people)),
        stack=names.prefix,
        repositories=tuple(names.repository(repository) for repository in REPOSITORIES),
        model_package_groups=tuple(names.model_group(branch) for branch in GROUP_BRANCHES),
        images=tuple(names.image_repository(image) for image in delivery.images),
    )


def as_text(found: Iterable[UseCaseReport]) -> str:
    """Returns a few lines per use case."""
    return "\n".join(line for case_report in found for line in _lines(case_report)) or "There are no use cases."


def _lines(report: UseCaseReport) -> Iterator[str]:
    yield f"{report.team} {report.name}: {report.goal or 'no goal'}"
    if report.stage is not None:
        yield f"  {report.stage}: {report.status or STAGES[report.stage]}"
    approvers = f", approvers {', '.join(report.approvers)}" if report.approvers else ""
    yield f"  owner {report.owner}{approvers}"
    yield f"  {_names(report)}"


def _names(report: UseCaseReport) -> str:
    if report.stack is None:
        return "no delivery"
    images = f", images {', '.join(report.images)}" if report.images else ""
    return f"stack {report.stack}, repositories {', '.join(report.repositories)}{images}"


def as_json(found: Iterable[UseCaseReport]) -> str:
    return json.dumps({"use_cases": [asdict(case_report) for case_report in found]}, indent=2)
