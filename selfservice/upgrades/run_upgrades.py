"""Upgrades teams one after the other, and the first one on trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from selfservice.operations.operation import Outcome, Status
from selfservice.upgrades.team_upgrade import TeamUpgrade

_DONE = (Status.SUCCEEDED, Status.UNCHANGED)


class Deployment(Protocol):
    """Actions of an upgrade on stacks and on the team catalog."""

    def update(self, stacks: Sequence[str], approved: Mapping[str, Sequence[str]]) -> Mapping[str, Outcome]:
        """Updates stacks. Returns their outcomes."""

    def compare(self, stacks: Sequence[str]) -> Mapping[str, Outcome]:
        """Previews stacks after reading them from AWS. Returns their outcomes."""

    def record(self, team: str) -> None:
        """Writes the installed version of a team into the team catalog, if there is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Upgraded:
    """The end of the upgrade of one team."""

    team: str
    fault: str = ""
    """Why the upgrade stopped; empty if the team has the installed version."""
    was_interrupted: bool = False


def run_upgrades(upgrades: Sequence[TeamUpgrade], deployment: Deployment) -> Iterator[Upgraded]:
    """Upgrades each team that is due, and yields its end. Stops after the first fault.

    After the first team, AWS is compared with the states: if a stack still differs, no other team is upgraded.
    """
    due = [team_upgrade for team_upgrade in upgrades if team_upgrade.is_due]
    for number, upgrade in enumerate(due):
        ended = _upgraded(upgrade, deployment, on_trial=number == 0 and len(due) > 1)
        yield ended
        if ended.fault:
            return


def _upgraded(upgrade: TeamUpgrade, deployment: Deployment, *, on_trial: bool) -> Upgraded:
    if upgrade.stacks:
        outcomes = deployment.update(upgrade.stacks, upgrade.approved)
        failed = {stack: outcome.status for stack, outcome in outcomes.items() if outcome.status not in _DONE}
        if failed:
            fault = ", ".join(f"{stack} {status}" for stack, status in failed.items())
            return Upgraded(team=upgrade.team, fault=fault, was_interrupted=Status.INTERRUPTED in failed.values())
    deployment.record(upgrade.team)
    if on_trial and (differing := _differing(deployment.compare(list(upgrade.outcomes)))):
        return Upgraded(team=upgrade.team, fault=f"after the update, {', '.join(differing)} still differs from AWS")
    return Upgraded(team=upgrade.team)


def _differing(outcomes: Mapping[str, Outcome]) -> list[str]:
    return [
        stack
        for stack, outcome in outcomes.items()
        if outcome.status not in _DONE or outcome.changes or outcome.drifted
    ]
