"""What the first deployment fixed does not change."""

from __future__ import annotations

import pytest

from settings.derived.immutable_fields import changed_immutables
from settings.types.error_codes import Code
from tests.unit.settings.project import organization, team


def test_nothing_changed_is_no_fault():
    assert changed_immutables(organization(), organization()) == ()
    assert changed_immutables(team(), team()) == ()


def test_a_changed_range_is_refused_old_to_new():
    (fault,) = changed_immutables(
        team(), team(cidr="10.2.0.0/19"), file="environments/Pulumi.fraud.yaml", key="plinth:team"
    )
    assert fault.code is Code.IMMUTABLE
    assert str(fault) == (
        "environments/Pulumi.fraud.yaml: plinth:team.cidr: 10.1.0.0/19 -> 10.2.0.0/19 "
        "changes a field that is immutable after the first deployment; "
        "restore 10.1.0.0/19; a new value needs a new team or organization [immutable]"
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "other"),
        ("id", "o-abcdefghij"),
        ("email", "mlops+{account}@acme.example"),
        ("home_region", "eu-central-1"),
    ],
)
def test_what_every_account_is_built_on_is_fixed(field: str, value: str):
    (fault,) = changed_immutables(organization(), organization(**{field: value}))
    assert fault.path == field
    assert fault.value.endswith(f"-> {value}") or "{" in value


@pytest.mark.parametrize(("field", "value"), [("supernet", "172.16.0.0/12"), ("team_prefix_length", 20)])
def test_a_field_inside_another_is_fixed_too(field: str, value: object):
    (fault,) = changed_immutables(organization(), organization(address_plan={field: value}), key="plinth:organization")
    assert fault.path == f"plinth:organization.address_plan.{field}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"production": {"id": "1" * 12}}),
        ({"production": {"id": "1" * 12}}, {}),
        ({"production": {"id": "1" * 12}}, {"production": {"id": "2" * 12}}),
        ({"production": {"name": "x"}}, {"production": {"name": "x", "email": "a@acme.example"}}),
    ],
)
def test_an_account_that_was_created_or_adopted_stays_what_it_is(before: dict, after: dict):
    (fault,) = changed_immutables(team(accounts=before), team(accounts=after))
    assert fault.path in ("accounts.production.id", "accounts.production.email")


@pytest.mark.requirement("ACC-02", "ACC-07", "SZ-01")
def test_names_owners_budgets_phases_and_placements_may_change():
    before, after = organization(phase="initial", placement="small"), organization(phase="scalable", placement="large")
    assert changed_immutables(before, after) == ()
    renamed = team(
        accounts={"production": {"name": "x"}}, owner="new@acme.example", monthly_budget_usd=1, tags={"a": "b"}
    )
    assert changed_immutables(team(), renamed) == ()


def test_contacts_come_change_and_go():
    desk = {"name": "Desk", "title": "On call", "email": "desk@acme.example", "phone": "1"}
    none, one, other = ({}, {"security": desk}, {"security": {**desk, "phone": "2"}})
    for before, after in ((none, one), (one, one), (one, other), (other, none)):
        assert changed_immutables(organization(contacts=before), organization(contacts=after)) == ()


def test_settings_of_two_sorts_are_not_compared():
    with pytest.raises(TypeError, match="Team and Organization"):
        changed_immutables(team(), organization())
