"""Evidence is kept before anything changes, and accounts move only after what is left in them was listed."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest

from selfservice.changes.plan import Step
from selfservice.decommission.plan import decommission_plan, retirement_plan

KEPT = {"organization": (), "network": ("organization",), "data-lake--contracts": ("network",)}
REMOVED = {
    "claims": (),
    "claims-development": ("claims",),
    "claims-production": ("claims",),
    "claims--scoring": ("claims-development", "claims-production"),
}
APPROVED = {"claims-development": ["delete urn:bucket"], "data-lake--contracts": ["update urn:grant"]}


def plan(affected: tuple[str, ...] = ("data-lake--contracts",)) -> dict[str, Step]:
    found = decommission_plan("claims", KEPT, {}, affected, REMOVED, APPROVED)
    return {step.name: step for step in found}


def before(steps: dict[str, Step], name: str) -> set[str]:
    """Returns the steps that have succeeded when a step begins."""
    needs = set(steps[name].needs)
    return needs.union(*(before(steps, need) for need in needs))


@pytest.mark.requirement("GOV-06", "GOV-11")
@pytest.mark.threat("T-20")
def test_evidence_is_kept_before_anything_changes() -> None:
    steps = plan()
    assert [name for name in steps if "evidence" not in before(steps, name)] == ["evidence"]


def test_stacks_are_destroyed_in_reverse_order_after_the_updates() -> None:
    steps = plan()
    destroyed = {name for name in steps if name.startswith("destroy:")}
    assert destroyed == {f"destroy:{stack}" for stack in REMOVED}
    assert all({"settings", "stack:data-lake--contracts"} <= before(steps, name) for name in destroyed)
    assert "destroy:claims--scoring" in before(steps, "destroy:claims-development")
    assert "destroy:claims-production" not in before(steps, "destroy:claims-development")


def test_the_stack_of_the_accounts_is_destroyed_after_the_residue_was_listed() -> None:
    steps = plan()
    emptied = {f"destroy:{stack}" for stack in REMOVED if stack != "claims"}
    assert emptied <= before(steps, "residue")
    assert "residue" in before(steps, "destroy:claims")
    assert before(steps, "catalog") == steps.keys() - {"catalog"}


def test_each_step_may_do_what_was_approved_for_its_stack() -> None:
    steps = plan()
    assert steps["destroy:claims-development"].approved == ("delete urn:bucket",)
    assert steps["stack:data-lake--contracts"].approved == ("update urn:grant",)
    assert steps["destroy:claims"].approved == ()


def test_the_order_is_one_in_which_each_step_follows_its_needs() -> None:
    steps = plan(())
    assert not any(name.startswith("stack:") for name in steps)
    listed = list(steps)
    assert all(listed.index(need) < listed.index(name) for name, step in steps.items() for need in step.needs)
    assert set(TopologicalSorter({name: step.needs for name, step in steps.items()}).static_order()) == set(listed)


def test_a_team_of_which_nothing_is_deployed_is_only_recorded() -> None:
    found = decommission_plan("claims", KEPT, {}, (), {}, {})
    assert [step.name for step in found] == ["evidence", "settings", "residue", "catalog"]


@pytest.mark.requirement("GOV-06")
def test_the_stack_of_a_retired_use_case_is_destroyed_after_evidence_settings_and_updates() -> None:
    approved = {"fraud--card-risk": ["delete urn:role"], "network": ["update urn:x"]}
    found = retirement_plan("fraud--card-risk", KEPT, {}, ("network", "data-lake--contracts"), approved)
    assert [step.name for step in found] == [
        "evidence",
        "settings",
        "stack:network",
        "stack:data-lake--contracts",
        "destroy:fraud--card-risk",
        "catalog",
    ]
    steps = {step.name: step for step in found}
    assert before(steps, "destroy:fraud--card-risk") == steps.keys() - {"destroy:fraud--card-risk", "catalog"}
    assert steps["destroy:fraud--card-risk"].approved == ("delete urn:role",)
    assert steps["stack:network"].approved == ("update urn:x",)
