"""Test cases of bad input, and functions that make a valid project invalid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from settings.types.error_codes import Code
from tests.unit.settings.project import Project

Change = Callable[[Project], Project]


@dataclass(frozen=True)
class Case:
    number: int
    name: str
    change: Change
    code: Code
    path: str
    says: tuple[str, ...]
    """Fragments of the message."""


def organization(**changes: object) -> Change:
    return lambda project: project.organization(**changes).team()


def team(**changes: object) -> Change:
    return lambda project: project.team(**changes)


def two_teams(**changes: object) -> Change:
    """Returns a change that writes a valid team fraud, and the team churn with these changes."""
    return lambda project: project.team().team("churn", **{"cidr": "10.1.32.0/19", **changes})


def environment(stack: str = "fraud-development", **settings: object) -> Change:
    return lambda project: project.team().environment(stack, **settings)


def named(name: str) -> Change:
    return lambda project: project.team(name)


def text(lines: str) -> Change:
    """Returns a change that adds these lines to the settings of the team."""
    head = "config:\n  plinth:team:\n    owner: owner@acme.example\n"
    rest = "    cost_centre: '1'\n    cidr: 10.1.0.0/19\n    monthly_budget_usd: 5000\n"
    return lambda project: project.team_text(head + rest + "".join(f"    {line}\n" for line in lines.splitlines()))


def adopted(account_id: object, **more: object) -> dict[str, object]:
    return {"production": {"id": account_id}, **more}


TEAM = "plinth:team."
ORGANIZATION = "plinth:organization."
ENVIRONMENT = "plinth:environment."
