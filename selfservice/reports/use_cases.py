"""The report of use cases: teams, repositories and model package groups, from the settings."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from settings.derived.foundation import Foundation
from settings.derived.use_case_names import GROUP_BRANCHES, REPOSITORIES, UseCaseNames


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCaseReport:
    """A use case. One without a delivery has only folders in the ML buckets."""

    team: str
    name: str
    stack: str | None = None
    """Name of its stack; None without a delivery."""
    repositories: tuple[str, ...] = ()
    model_package_groups: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


def use_cases_of(foundation: Foundation) -> list[UseCaseReport]:
    """Returns the use cases of all teams, by team and name."""
    return [
        _report(team.name, name, None if use_case.delivery is None else use_case.delivery.images)
        for team in foundation.teams.values()
        for name, use_case in sorted(team.use_cases.items())
    ]


def _report(team: str, name: str, images: tuple[str, ...] | None) -> UseCaseReport:
    if images is None:
        return UseCaseReport(team=team, name=name)
    names = UseCaseNames(team=team, use_case=name)
    return UseCaseReport(
        team=team,
        name=name,
        stack=names.prefix,
        repositories=tuple(names.repository(repository) for repository in REPOSITORIES),
        model_package_groups=tuple(names.model_group(branch) for branch in GROUP_BRANCHES),
        images=tuple(names.image_repository(image) for image in images),
    )


def as_text(found: Iterable[UseCaseReport]) -> str:
    """Returns a line per use case."""
    return "\n".join(f"{one.team} {one.name}: {_told(one)}" for one in found) or "There are no use cases."


def _told(one: UseCaseReport) -> str:
    if one.stack is None:
        return "no delivery"
    images = f", images {', '.join(one.images)}" if one.images else ""
    return f"stack {one.stack}, repositories {', '.join(one.repositories)}{images}"


def as_json(found: Iterable[UseCaseReport]) -> str:
    return json.dumps({"use_cases": [asdict(one) for one in found]}, indent=2)
