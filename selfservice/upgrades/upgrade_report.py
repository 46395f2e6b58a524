"""The result of an upgrade for programs, as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from selfservice.errors import ExitCode
from selfservice.operations.operation import Outcome
from selfservice.upgrades.run_upgrades import Upgraded
from selfservice.upgrades.team_upgrade import TeamUpgrade


@dataclass(frozen=True, kw_only=True, slots=True)
class UpgradeReport:
    """Changes that an upgrade would make in each team, and its results."""

    installed: str
    """The installed version of Plinth."""
    upgrades: Sequence[TeamUpgrade]
    ended: Sequence[Upgraded]
    """The teams that were upgraded, or at which the upgrade stopped. None after a dry run or a refusal."""
    exit_code: ExitCode

    def as_json(self) -> str:
        ended = {upgraded.team: upgraded for upgraded in self.ended}
        document = {
            "exit_code": self.exit_code,
            "installed": self.installed,
            "teams": {upgrade.team: self._team(upgrade, ended.get(upgrade.team)) for upgrade in self.upgrades},
        }
        return json.dumps(document, indent=2)

    @staticmethod
    def _team(upgrade: TeamUpgrade, ended: Upgraded | None) -> Mapping[str, Any]:
        return {
            "recorded": upgrade.recorded or None,
            "due": upgrade.is_due,
            "changes": upgrade.changes,
            "stacks": {stack: _stack(outcome) for stack, outcome in upgrade.outcomes.items()},
            "refusals": upgrade.refusals,
            "upgraded": ended is not None and not ended.fault,
            "fault": None if ended is None else ended.fault or None,
        }


def _stack(outcome: Outcome) -> Mapping[str, Any]:
    return {
        "status": outcome.status,
        "changes": dict(outcome.changes),
        "differences": [asdict(difference) for difference in outcome.differences],
    }
