"""What was deployed stays in its account, and the lines that say so are lines that the settings take."""

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
    """The account of these stacks, deployed as the foundation says."""
    return {name: foundation.account_of_stack(StackIdentity.parse(name)).label for name in stacks}


def lines(foundation: Foundation, deployed: dict[str, str]) -> list[str]:
    return [str(line) for line in pinning_lines(foundation, deployed)]


def test_a_placement_that_moves_nothing_asks_for_no_line():
    foundation = whole("medium")
    assert lines(foundation, settled(foundation, *(stack.name for stack in foundation.stacks))) == []


@pytest.mark.requirement("SZ-01", "ACC-07")
def test_a_team_that_was_deployed_small_is_kept_there_by_one_line_of_its_own():
    before = settled(whole("small"), "organization", "fraud", "fraud-experimentation", "fraud-development")
    assert lines(whole("medium"), before) == [
        "Pulumi.fraud.yaml, under plinth:team: placement: {experimentation: organization, development: organization}"
    ]


@pytest.mark.requirement("SZ-01")
def test_a_shared_kind_that_was_deployed_small_is_kept_by_a_line_and_the_others_go_where_the_preset_says():
    assert lines(whole("medium"), settled(whole("small"), "audit")) == [
        "Pulumi.yaml, under plinth:organization: placement: {preset: medium, audit: organization}"
    ]


def test_what_follows_a_kind_that_is_kept_is_written_out():
    assert lines(whole("medium"), settled(whole("small"), "tooling")) == [
        "Pulumi.yaml, under plinth:organization: placement: {preset: medium, audit: organization, "
        "network: organization, data-lake: organization, tooling: organization, governance: organization}"
    ]


@pytest.mark.requirement("SZ-01", "ACC-02")
def test_what_is_not_deployed_yet_lands_where_the_new_placement_says():
    kept = team(placement={"experimentation": "organization"})
    foundation = whole("medium", "scalable", kept, team("sales", cidr="10.1.32.0/19"))
    assert foundation.account_of("experimentation", "fraud").label == "organization"
    assert foundation.account_of("development", "fraud").label == "fraud-development"
    assert foundation.account_of("experimentation", "sales").label == "sales-development"


def test_what_a_team_keeps_is_counted_among_what_the_account_holds():
    foundation = whole("large", "scalable", team(placement={"production": "tooling"}))
    assert foundation.account_of("production", "fraud").hosts == ("tooling", "production")
    assert "fraud-production" not in [account.label for account in foundation.accounts]


@pytest.mark.requirement("SZ-01")
@pytest.mark.parametrize("phase", PHASES)
@given(before=placements, after=placements)
def test_the_lines_keep_every_team_where_it_is_whatever_the_step(phase, before, after):
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
def test_a_teams_own_placement_says_what_it_gives_up_under_its_name():
    foundation = whole("large", "scalable", team(placement={"experimentation": "development"}))
    (rule,) = foundation.relaxed_rules
    assert (rule.requirement, rule.team) == ("ACC-05", "fraud")
    assert "in the account of development (team fraud): " in str(rule)


def test_a_preset_with_lines_of_its_own_takes_along_what_the_preset_puts_beside_them():
    placement = whole({"preset": "medium", "tooling": "organization"}).organization.placement
    assert {kind: placement.account_of(kind) for kind in ("audit", "data-lake", "governance", "experimentation")} == {
        "audit": "organization",
        "data-lake": "organization",
        "governance": "organization",
        "experimentation": "development",
    }


def test_a_line_wins_over_the_preset():
    placement = whole({"preset": "small", "audit": "audit"}).organization.placement
    assert placement.account_of("audit") == "audit"
    assert placement.account_of("network") == "organization"
