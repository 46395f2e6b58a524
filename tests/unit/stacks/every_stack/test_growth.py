"""Moving to the next phase or placement does not replace resources that hold data, in any stack."""

from functools import cache

import pytest
import yaml

from settings.derived.account_pinning import pinning_lines
from settings.derived.foundation import Foundation
from tests.support.data import HOLDS_DATA
from tests.support.every_stack import DELIVERED, Deployment, example_foundation, example_organization, example_team

MAY_CHANGE = {"policy", "tags"}
"""Inputs that a move may change in place: access policies and tags."""

PHASES = [("initial", "repeatable"), ("repeatable", "reliable"), ("reliable", "scalable")]
PLACEMENTS = [("small", "medium"), ("medium", "large")]


def whole(*, phase="scalable", placement="large", team_placement=None) -> Foundation:
    team = example_team(placement=team_placement or {})
    return example_foundation(organization=example_organization(phase=phase, placement=placement), teams=[team])


@cache
def holding(phase, placement):
    return _holding(whole(phase=phase, placement=placement))


def _holding(foundation):
    """Returns provider and immutable inputs of each resource that holds data, by stack and URN."""
    return {
        (stack, record.urn): (record.provider, {k: v for k, v in record.inputs.items() if k not in MAY_CHANGE})
        for stack, recorder in Deployment(foundation).items()
        for record in recorder.records
        if record.type in HOLDS_DATA
    }


def kept(before: Foundation, placement) -> Foundation:
    """Returns the foundation with another placement and the settings that pin its accounts."""
    deployed = {stack.name: before.account_of_stack(stack).label for stack in before.stacks}
    lines = {
        line.key: yaml.safe_load(line.text)["placement"] for line in pinning_lines(whole(placement=placement), deployed)
    }
    return whole(placement=lines.get("plinth:organization", placement), team_placement=lines.get("plinth:team"))


@pytest.mark.requirement("ACC-07.b")
@pytest.mark.parametrize(("now", "next_"), PHASES)
def test_the_next_phase_does_not_change_resources_that_hold_data(now, next_):
    before, after = holding(now, "large"), holding(next_, "large")
    assert before
    assert {place: after.get(place) for place in before} == before


@pytest.mark.nightly
@pytest.mark.requirement("SZ-01.a")
@pytest.mark.parametrize(("now", "next_"), PLACEMENTS)
def test_the_next_placement_with_pinned_accounts_does_not_change_resources_that_hold_data(now, next_):
    before, after = holding("scalable", now), _holding(kept(whole(placement=now), next_))
    assert before
    assert {place: after.get(place) for place in before} == before


@pytest.mark.requirement("SZ-01.a")
def test_the_next_placement_without_pinned_accounts_would_change_them():
    before, after = holding("scalable", "small"), holding("scalable", "medium")
    assert {place: after.get(place) for place in before} != before


@pytest.mark.requirement("GOV-06.c")
def test_the_end_of_the_last_use_case_deletes_nothing_that_holds_data_in_stacks_that_stay():
    """Their settings are still there, so nobody has asked for the deletion, and the protection would refuse it."""
    before = _holding(example_foundation(teams=[example_team(use_cases=DELIVERED)], datasets=()))
    bare = example_foundation(teams=[example_team(use_cases={})], datasets=())
    after, stay = _holding(bare), {stack.name for stack in bare.stacks}
    assert {place for place in before if place[0] in stay} - after.keys() == set()
