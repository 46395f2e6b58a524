"""One team first, the others only if nothing differs afterwards, and nothing after a failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from selfservice.operations.operation import Difference, Outcome, Problem, Status
from selfservice.upgrades.run_upgrades import run_upgrades
from selfservice.upgrades.team_upgrade import TeamUpgrade

SAME = Outcome(status=Status.UNCHANGED)


def changing(stack: str, step: str = "update", **more: Any) -> Outcome:
    return Outcome(
        status=Status.SUCCEEDED, changes={step: 1}, differences=(Difference(urn=f"urn:{stack}", step=step),), **more
    )


def upgrade(team: str, *stacks: str, recorded: str = "0.1.0", **outcomes: Outcome) -> TeamUpgrade:
    found = {stack: changing(stack) for stack in stacks} | {
        f"{team}-{name}": outcome for name, outcome in outcomes.items()
    }
    return TeamUpgrade(team=team, recorded=recorded, installed="0.2.0", outcomes={team: SAME} | found)


@dataclass
class Stacks:
    """Records operations on stacks, with the stacks that fail or differ afterwards."""

    fails: Mapping[str, Status] = field(default_factory=dict)
    differs: Sequence[str] = ()
    done: list[str] = field(default_factory=list)
    approved: dict[str, Sequence[str]] = field(default_factory=dict)

    def update(self, stacks: Sequence[str], approved: Mapping[str, Sequence[str]]) -> dict[str, Outcome]:
        self.done += [f"update {stack}" for stack in stacks]
        self.approved |= approved
        return {stack: Outcome(status=self.fails.get(stack, Status.SUCCEEDED)) for stack in stacks}

    def compare(self, stacks: Sequence[str]) -> dict[str, Outcome]:
        self.done += [f"compare {stack}" for stack in stacks]
        drifted = Outcome(status=Status.SUCCEEDED, drifted=("urn",))
        return {stack: drifted if stack in self.differs else SAME for stack in stacks}

    def record(self, team: str) -> None:
        self.done.append(f"record {team}")


def run(upgrades: Sequence[TeamUpgrade], stacks: Stacks) -> list[tuple[str, str]]:
    return [(run_upgrade.team, run_upgrade.fault) for run_upgrade in run_upgrades(upgrades, stacks)]


def test_the_first_team_is_compared_with_aws_before_the_others_are_upgraded() -> None:
    stacks = Stacks()
    assert run([upgrade("a", "a-x"), upgrade("b", "b-x"), upgrade("c", "c-x")], stacks) == [
        ("a", ""), ("b", ""), ("c", ""),
    ]  # fmt: skip
    assert stacks.done == [
        "update a-x", "record a", "compare a", "compare a-x", "update b-x", "record b", "update c-x", "record c",
    ]  # fmt: skip
    assert stacks.approved["b-x"] == ["update urn:b-x"]


def test_no_other_team_is_upgraded_if_the_first_one_still_differs() -> None:
    stacks = Stacks(differs=["a"])
    assert run([upgrade("a", "a-x"), upgrade("b", "b-x")], stacks) == [
        ("a", "after the update, a still differs from AWS")
    ]
    assert not [operation for operation in stacks.done if "b" in operation.split()[-1]]


@pytest.mark.parametrize(("status", "interrupted"), [(Status.FAILED, False), (Status.INTERRUPTED, True)])
def test_a_failure_ends_the_upgrade_and_is_not_recorded(status: Status, interrupted: bool) -> None:
    stacks = Stacks(fails={"b-x": status})
    ended = list(run_upgrades([upgrade("a", "a-x"), upgrade("b", "b-x"), upgrade("c", "c-x")], stacks))
    assert [(run_upgrade.team, run_upgrade.fault, run_upgrade.was_interrupted) for run_upgrade in ended] == [
        ("a", "", False),
        ("b", f"b-x {status}", interrupted),
    ]
    assert "record b" not in stacks.done


def test_a_team_with_the_installed_version_and_no_changes_is_left_alone() -> None:
    stacks = Stacks()
    upgrades = [upgrade("a", recorded="0.2.0"), upgrade("b", recorded=""), upgrade("c")]
    assert [team_upgrade.is_due for team_upgrade in upgrades] == [False, False, True]
    assert run(upgrades, stacks) == [("c", "")]
    assert stacks.done == ["record c"], "its version changes in the catalog alone, and one team needs no trial"


def test_an_upgrade_says_what_changes_and_why_it_is_refused() -> None:
    lost = Problem(message="would replace a bucket; no waiver allows it")
    outcome = changing("fraud-x", "replace", unwaived=(lost,))
    found = upgrade("fraud", x=outcome, y=changing("fraud-y", "import"), z=Outcome(status=Status.SKIPPED))
    assert str(found) == "fraud: 0.1.0 -> 0.2.0, 2 stacks: 1 to create, 1 to replace"
    assert found.refusals == [
        "fraud-x: would replace a bucket; no waiver allows it",
        "fraud-z: the preview was skipped",
    ]
    assert str(upgrade("fraud", recorded="0.2.0")) == "fraud: 0.2.0, nothing to change"
    assert str(upgrade("fraud", recorded="")) == "fraud: unknown version -> 0.2.0, nothing to change"
    assert str(upgrade("fraud")) == "fraud: 0.1.0 -> 0.2.0, 0 stacks: no resource changes"
