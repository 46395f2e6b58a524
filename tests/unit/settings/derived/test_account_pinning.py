"""Pinning lines keep deployed stacks in their accounts and are valid settings."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from settings.derived.account_pinning import pinning_lines
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.organization.placement import PRESETS
from settings.types.kinds import DURABLE_KINDS, PHASES, Phase, kinds_in
from tests.unit.settings.project import organization, team

SHARED = [kind for kind in DURABLE_KINDS if kind != "organization"]
placements = st.sampled_from(sorted(PRESETS))


def whole(placement: object, phase: Phase = "scalable", *teams: object) -> Foundation:
    return Foundation.of(organization(placement=placement, phase=phase), teams or [team()])


def settled(foundation: Foundation, *stacks: str) -> dict[str, str]:
    """Returns the account label of each stack, deployed according to the foundation."""
    return {name: foundation.account_of_stack(StackIdentity.parse(name)).label for name in stacks}


def lines(foundation: Foundation, deployed: dict[str, str]) -> list[str]:
    return [str(line) for line in pinning_lines(foundation, deployed)]


def test_an_unchanged_placement_needs_no_pinning_line():
    foundation = whole("medium")
    assert lines(foundation, settled(foundation, *(stack.name for stack in foundation.stacks))) == []


@pytest.mark.requirement("SZ-01.a", "ACC-07.b")
def test_a_team_deployed_small_is_pinned_by_one_line_in_its_file():
    before = settled(whole("small"), "organization", "fraud", "fraud-experimentation", "fraud-development")
    assert lines(whole("medium"), before) == [
        "Pulumi.fraud.yaml, under plinth:team: placement: {experimentation: organization, development: organization}"
    ]


@pytest.mark.requirement("SZ-01.a")
def test_a_placement_of_a_deployed_environment_in_another_account_is_taken_back():
    before = settled(whole("large"), "fraud-development")
    moved = whole("large", "scalable", team(placement={"development": "tooling"}))
    assert lines(moved, before) == ["Pulumi.fraud.yaml, under plinth:team: placement: {}"]


@pytest.mark.requirement("SZ-01.a")
def test_a_deployed_shared_kind_is_pinned_and_other_kinds_follow_the_preset():
    assert lines(whole("medium"), settled(whole("small"), "audit")) == [
        "Pulumi.yaml, under plinth:organization: placement: {preset: medium, audit: organization}"
    ]


def test_kinds_that_follow_a_pinned_kind_are_written_out():
    assert lines(whole("medium"), settled(whole("small"), "tooling")) == [
        "Pulumi.yaml, under plinth:organization: placement: {preset: medium, audit: organization, "
        "network: organization, data-lake: organization, tooling: organization, governance: organization}"
    ]


@pytest.mark.requirement("SZ-01.a", "ACC-02.b")
def test_kinds_that_are_not_deployed_follow_the_new_placement():
    kept = team(placement={"experimentation": "organization"})
    foundation = whole("medium", "scalable", kept, team("sales", cidr="10.1.32.0/19"))
    assert foundation.account_of("experimentation", "fraud").label == "organization"
    assert foundation.account_of("development", "fraud").label == "fraud-development"
    assert foundation.account_of("experimentation", "sales").label == "sales-development"


def test_a_pinned_environment_is_listed_in_the_hosts_of_its_account():
    foundation = whole("large", "scalable", team(placement={"production": "tooling"}))
    assert foundation.account_of("production", "fraud").hosts == ("tooling", "production")
    assert "fraud-production" not in [account.label for account in foundation.accounts]


@pytest.mark.requirement("SZ-01.a")
@pytest.mark.parametrize("phase", PHASES)
@given(before=placements, after=placements)
def test_pinning_lines_keep_every_team_in_its_account_for_every_change_of_placement(phase, before, after):
    old = whole(before, phase)
    durable = [kind for kind in SHARED if kind in kinds_in(phase)]
    deployed = settled(old, *durable, *(stack.name for stack in old.stacks))
    written = {
        line.key: yaml.safe_load(line.text)["placement"] for line in pinning_lines(whole(after, phase), deployed)
    }
    kept = whole(written.get("plinth:organization", after), phase, team(placement=written.get("plinth:team", {})))
    assert settled(kept, *deployed) == deployed
    assert pinning_lines(kept, deployed) == ()


@pytest.mark.requirement("SZ-09")
def test_rules_relaxed_by_a_teams_placement_name_the_team():
    foundation = whole("large", "scalable", team(placement={"experimentation": "development"}))
    (rule,) = foundation.relaxed_rules
    assert (rule.requirement, rule.team) == ("ACC-05", "fraud")
    assert "in the account of development (team fraud): " in str(rule)


def test_kinds_of_a_preset_follow_their_host_to_its_written_account():
    placement = whole({"preset": "medium", "tooling": "organization"}).organization.placement
    assert {kind: placement.account_of(kind) for kind in ("audit", "data-lake", "governance", "experimentation")} == {
        "audit": "organization",
        "data-lake": "organization",
        "governance": "organization",
        "experimentation": "development",
    }


def test_a_written_kind_overrides_the_preset():
    placement = whole({"preset": "small", "audit": "audit"}).organization.placement
    assert placement.account_of("audit") == "audit"
    assert placement.account_of("network") == "organization"
