"""Every stack, from each phase and placement to the next: what holds data is the same resource afterwards."""

from functools import cache

import pytest
import yaml

from settings.derived.account_pinning import pinning_lines
from settings.derived.foundation import Foundation
from tests.support.data import HOLDS_DATA
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team

MAY_CHANGE = {"policy", "tags"}
"""What these kinds take in place, and a step may touch: who may use them, and what they are called."""

PHASES = [("initial", "repeatable"), ("repeatable", "reliable"), ("reliable", "scalable")]
PLACEMENTS = [("small", "medium"), ("medium", "large")]


def whole(*, phase="scalable", placement="large", team_placement=None) -> Foundation:
    team = example_team(placement=team_placement or {})
    return example_foundation(organization=example_organization(phase=phase, placement=placement), teams=[team])


@cache
def holding(phase, placement):
    return _holding(whole(phase=phase, placement=placement))


def _holding(foundation):
    """What holds data, by stack and URN: its provider and everything that may not change of it."""
    return {
        (stack, record.urn): (record.provider, {k: v for k, v in record.inputs.items() if k not in MAY_CHANGE})
        for stack, recorder in Deployment(foundation).items()
        for record in recorder.records
        if record.type in HOLDS_DATA
    }


def kept(before: Foundation, placement) -> Foundation:
    """The foundation with another placement, and the lines that the refusal names."""
    deployed = {stack.name: before.account_of_stack(stack).label for stack in before.stacks}
    lines = {
        line.key: yaml.safe_load(line.text)["placement"] for line in pinning_lines(whole(placement=placement), deployed)
    }
    return whole(placement=lines.get("plinth:organization", placement), team_placement=lines.get("plinth:team"))


@pytest.mark.requirement("ACC-07")
@pytest.mark.parametrize(("now", "next_"), PHASES)
def test_a_step_up_of_the_phase_leaves_what_holds_data_as_it_is(now, next_):
    before, after = holding(now, "large"), holding(next_, "large")
    assert before
    assert {place: after.get(place) for place in before} == before


@pytest.mark.requirement("SZ-01")
@pytest.mark.parametrize(("now", "next_"), PLACEMENTS)
def test_a_step_of_the_placement_with_the_lines_that_keep_leaves_what_holds_data_as_it_is(now, next_):
    before, after = holding("scalable", now), _holding(kept(whole(placement=now), next_))
    assert before
    assert {place: after.get(place) for place in before} == before


@pytest.mark.requirement("SZ-01")
def test_without_those_lines_it_would_not():
    before, after = holding("scalable", "small"), holding("scalable", "medium")
    assert {place: after.get(place) for place in before} != before
