"""Accounts and kinds of each placement, and the rules that it relaxes."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from settings.derived.foundation import Foundation
from settings.derived.stack_graph import stacks_in
from settings.organization.placement import PRESETS, Placement
from settings.types.kinds import (
    DURABLE_KINDS,
    ENVIRONMENTS,
    KINDS,
    PHASES,
    Kind,
    environments_in,
    first_phase_of,
    kinds_in,
    lifecycle_of,
    organizational_unit_of,
    team_organizational_unit_of,
)
from tests.unit.settings.project import organization, team

phases = st.sampled_from(PHASES)
placements = st.one_of(
    st.sampled_from(sorted(PRESETS)).map(Placement.preset),
    st.sets(st.sampled_from(ENVIRONMENTS), min_size=1).map(
        lambda merged: Placement.model_validate(dict.fromkeys(merged, "tooling"))
    ),
)


def labels(placement: object, phase: str = "scalable") -> list[str]:
    foundation = Foundation.of(organization(placement=placement, phase=phase), [team()])
    return [account.label for account in foundation.accounts]


@pytest.mark.requirement("SZ-01.a")
def test_small_has_one_account():
    assert labels("small") == ["organization"]


@pytest.mark.requirement("SZ-01.a")
def test_medium_separates_development_preproduction_and_production():
    assert labels("medium") == [
        "organization",
        "tooling",
        "fraud-development",
        "fraud-preproduction",
        "fraud-production",
    ]


@pytest.mark.requirement("SZ-01.a", "SZ-06.a")
def test_large_has_an_account_for_each_kind():
    assert labels("large") == [*DURABLE_KINDS, *(f"fraud-{environment}" for environment in ENVIRONMENTS)]


@pytest.mark.requirement("SZ-09", "ACC-02.b")
def test_kinds_can_be_placed_individually():
    split = {"experimentation": "development", "governance": "tooling"}
    assert labels(split) == [
        "organization", "audit", "network", "data-lake", "tooling",
        "fraud-development", "fraud-preproduction", "fraud-production",
    ]  # fmt: skip


@pytest.mark.requirement("ACC-07.a")
@given(placements)
def test_a_later_phase_only_adds(placement: Placement):
    for earlier, later in pairwise(PHASES):
        assert set(kinds_in(earlier)) < set(kinds_in(later))
        assert set(placement.accounts_in(earlier)) <= set(placement.accounts_in(later))
        assert set(stacks_in(earlier, ["fraud"])) <= set(stacks_in(later, ["fraud"]))


@pytest.mark.requirement("ACC-07.a")
def test_phases_add_the_kinds_of_the_roadmap():
    assert environments_in("initial") == ("experimentation",)
    assert {first_phase_of(kind) for kind in ("data-lake", "development", "tooling")} == {"repeatable"}
    assert {first_phase_of(kind) for kind in ("preproduction", "production")} == {"reliable"}
    assert first_phase_of("governance") == "scalable"
    assert set(kinds_in("scalable")) == set(KINDS)


@pytest.mark.requirement("ACC-01.a")
@given(placements, phases)
def test_every_kind_of_a_phase_is_placed_in_an_existing_account(placement: Placement, phase):
    foundation = Foundation.of(organization(placement=placement, phase=phase), [team()])
    for kind in kinds_in(phase):
        account = foundation.account_of(kind, "fraud")
        assert kind in account.hosts
        assert account in foundation.accounts
        assert account.team == (None if account.kind in DURABLE_KINDS else "fraud")


@pytest.mark.requirement("ACC-04.a")
def test_every_team_has_its_own_accounts():
    foundation = Foundation.of(organization(), [team(), team("sales", cidr="10.1.32.0/19")])
    of_fraud = {foundation.account_of(environment, "fraud").label for environment in ENVIRONMENTS}
    of_sales = {foundation.account_of(environment, "sales").label for environment in ENVIRONMENTS}
    assert len(of_fraud) == len(of_sales) == 4
    assert not of_fraud & of_sales


@pytest.mark.requirement("ACC-02.a")
def test_renaming_an_account_changes_its_name_only():
    plain = Foundation.of(organization(), [team()])
    renamed = Foundation.of(
        organization(accounts={"tooling": {"name": "Workshop"}}), [team(accounts={"development": {"name": "Training"}})]
    )
    changed = [
        (before, after) for before, after in zip(plain.accounts, renamed.accounts, strict=True) if before != after
    ]
    assert [(before.label, after.name) for before, after in changed] == [
        ("tooling", "Workshop"),
        ("fraud-development", "Training"),
    ]
    for before, after in changed:
        assert (before.kind, before.team, before.email, before.id, before.hosts, before.lifecycle) == (
            after.kind, after.team, after.email, after.id, after.hosts, after.lifecycle
        )  # fmt: skip
    assert plain.stacks == renamed.stacks
    assert [plain.tags_of(stack) for stack in plain.stacks] == [renamed.tags_of(stack) for stack in renamed.stacks]


@pytest.mark.requirement("ACC-03.a")
def test_shared_kinds_are_durable_and_a_teams_environments_are_ephemeral():
    assert {lifecycle_of(kind) for kind in DURABLE_KINDS} == {"durable"}
    assert {lifecycle_of(environment) for environment in ENVIRONMENTS} == {"ephemeral"}
    foundation = Foundation.of(organization(), [team()])
    for account in foundation.accounts:
        assert account.lifecycle == ("ephemeral" if account.team else "durable")


@pytest.mark.requirement("ACC-05.a")
def test_only_experimentation_is_in_the_non_production_unit():
    assert [team_organizational_unit_of(environment) for environment in ENVIRONMENTS] == [
        "NonProduction",
        *["Production"] * 3,
    ]
    assert organizational_unit_of("organization") is None
    assert {organizational_unit_of(kind) for kind in DURABLE_KINDS if kind != "organization"} <= {
        "Security",
        "Infrastructure",
        "Data",
        "Tooling",
    }


@pytest.mark.requirement("ACC-01.b")
def test_an_account_that_is_adopted_keeps_its_id():
    foundation = Foundation.of(
        organization(accounts={"data-lake": {"id": "1" * 12}}), [team(accounts={"production": {"id": "2" * 12}})]
    )
    adopted = {account.label: account.id for account in foundation.accounts if account.id}
    assert adopted == {"data-lake": "1" * 12, "fraud-production": "2" * 12}


def test_an_account_for_each_kind_relaxes_nothing():
    assert Placement.preset("large").relaxed_rules("scalable") == ()


@pytest.mark.requirement("SZ-09")
def test_rules_relaxed_by_a_merged_placement_are_listed():
    relaxed = {rule.requirement for rule in Placement.preset("small").relaxed_rules("scalable")}
    assert relaxed == {"ACC-03", "ACC-04", "ACC-05", "ACC-09", "COST-01", "DL-11", "GOV-01", "PRE-02", "PROD-01"}
    relaxed = {rule.requirement for rule in Placement.preset("medium").relaxed_rules("scalable")}
    assert relaxed == {"ACC-05", "DL-11", "GOV-01"}


def test_a_relaxed_rule_names_kinds_account_and_consequence():
    (rule,) = Placement.preset("medium").relaxed_rules("repeatable")[:1]
    assert (rule.account, rule.kinds) == ("development", ("experimentation", "development"))
    assert str(rule).startswith("ACC-05: experimentation, development in the account of development: ")


def test_every_relaxed_rule_refers_to_a_documented_requirement():
    requirements = (Path(__file__).parents[4] / "docs/requirements.md").read_text()
    documented = set(re.findall(r"^\| ([A-Z]+-\d+)(?:\.[a-z])? \|", requirements, re.MULTILINE))
    assert {rule.requirement for rule in Placement.preset("small").relaxed_rules("scalable")} <= documented


@given(placements, phases)
def test_a_rule_is_relaxed_only_where_kinds_share_an_account(placement: Placement, phase):
    for rule in placement.relaxed_rules(phase):
        assert len(rule.kinds) > 1
        assert set(rule.kinds) <= set(placement.hosted_in(rule.account, phase))


@pytest.mark.parametrize("kind", KINDS)
def test_every_host_account_exists_in_every_preset(kind: Kind):
    for preset in PRESETS:
        placement = Placement.preset(preset)
        assert placement.account_of(placement.account_of(kind)) == placement.account_of(kind)


def test_the_management_account_hosts_its_own_kind():
    with pytest.raises(ValidationError):
        Placement.model_validate({"organization": "tooling"})
