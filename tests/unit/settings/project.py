"""Project directories for tests: a valid project that tests change."""

from __future__ import annotations

from pathlib import Path

import yaml

from settings.derived.foundation import Foundation
from settings.files.loader import load
from settings.organization.organization import Organization
from settings.team.team import Team
from settings.types.errors import Fault, SettingsError
from tests.support import acme

ORGANIZATION = {**acme.ORGANIZATION, "phase": "scalable", "placement": "large"}
TEAM = {
    "owner": "owner@acme.example",
    "cost_centre": "4711",
    "cidr": "10.1.0.0/19",
    "monthly_budget_usd": 5000,
}
REMOVED = object()
"""Value that removes a field."""


def organization(**changes: object) -> Organization:
    return Organization.model_validate({**ORGANIZATION, **changes})


def team(name: str = "fraud", **changes: object) -> Team:
    return Team.model_validate({"name": name, **TEAM, **changes})


class Project:
    """A project directory, initially valid. Every method changes one file and returns the project."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "environments").mkdir()
        self.organization()

    def organization(self, **changes: object) -> Project:
        value = _changed(ORGANIZATION, changes)
        content = {
            "name": "plinth",
            "runtime": "python",
            "stackConfigDir": "environments",
            "config": {"plinth:organization": {"value": value}},
        }
        return self.write("Pulumi.yaml", yaml.safe_dump(content, sort_keys=False))

    def team(self, name: str = "fraud", **changes: object) -> Project:
        return self.stack(name, {"plinth:team": _changed(TEAM, changes)})

    def environment(self, stack: str = "fraud-development", **settings: object) -> Project:
        return self.stack(stack, {"plinth:environment": settings})

    def stack(self, name: str, config: object) -> Project:
        return self.write(f"environments/Pulumi.{name}.yaml", yaml.safe_dump({"config": config}, sort_keys=False))

    def team_text(self, text: str | bytes, name: str = "fraud") -> Project:
        """Writes the file of a team with exactly this text."""
        return self.write(f"environments/Pulumi.{name}.yaml", text)

    def write(self, path: str, content: str | bytes) -> Project:
        (self.directory / path).write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def load(self) -> Foundation:
        return load(self.directory)

    def faults(self) -> tuple[Fault, ...]:
        """Returns all faults, or none if the project is valid."""
        try:
            self.load()
        except SettingsError as error:
            return error.faults
        return ()


def _changed(sound: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    return {field: value for field, value in {**sound, **changes}.items() if value is not REMOVED}
