"""Evidence is kept before anything changes, and accounts move only after what is left in them was listed."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.requirement("GOV-06.c", "GOV-11.b")
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


@pytest.mark.requirement("GOV-06.a")
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


@st.composite
def _graphs(draw: st.DrawFn, prefix: str, first: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Returns stacks of which each depends on earlier ones. ``first`` are stacks that depend on none."""
    names = [*first, *(f"{prefix}{number}" for number in range(draw(st.integers(0, 8))))]
    return {
        name: [] if name in first or not number else draw(st.lists(st.sampled_from(names[:number]), unique=True))
        for number, name in enumerate(names)
    }


@st.composite
def _decommissions(draw: st.DrawFn) -> tuple[dict[str, list[str]], dict[str, str], list[str], dict[str, list[str]]]:
    """Returns the stacks that stay, their rehearsals, those that are updated, and the stacks of the team `claims`."""
    kept = draw(_graphs("shared-"))
    rehearsals = {
        name: draw(st.sampled_from(list(kept)[:number]))
        for number, name in enumerate(kept)
        if number and draw(st.booleans())
    }
    affected = draw(st.lists(st.sampled_from(list(kept)), unique=True)) if kept else []
    removed = draw(_graphs("claims-", draw(st.sampled_from([("claims",), ()]))))
    return kept, rehearsals, affected, removed


@given(_decommissions())
@pytest.mark.requirement("GOV-11.b")
@pytest.mark.threat("T-20")
def test_a_plan_destroys_each_stack_of_the_team_once_after_its_dependents_and_after_evidence(
    case: tuple[dict[str, list[str]], dict[str, str], list[str], dict[str, list[str]]],
) -> None:
    kept, rehearsals, affected, removed = case
    found = decommission_plan("claims", kept, rehearsals, affected, removed, {})
    place = {step.name: number for number, step in enumerate(found)}
    assert len(place) == len(found)
    assert all(place[need] < place[step.name] for step in found for need in step.needs), "which is acyclic"
    assert sorted(step.stack for step in found if step.kind == "destroy") == sorted(removed)
    assert sorted(step.stack for step in found if step.kind == "stack") == sorted(affected)
    earlier: dict[str, set[str]] = {}
    for step in found:
        earlier[step.name] = set(step.needs).union(*(earlier[need] for need in step.needs))
    assert [name for name, before in earlier.items() if "evidence" not in before] == ["evidence"]
    updates = {"settings", *(f"stack:{stack}" for stack in affected)}
    for stack, needs in removed.items():
        assert updates <= earlier[f"destroy:{stack}"]
        assert all(f"destroy:{stack}" in earlier[f"destroy:{need}"] for need in needs), "dependents go first"
    assert {f"destroy:{stack}" for stack in removed if stack != "claims"} <= earlier["residue"]
    assert "claims" not in removed or "residue" in earlier["destroy:claims"]
    assert earlier["catalog"] == place.keys() - {"catalog"}
