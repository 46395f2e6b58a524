"""Changes of immutable fields are refused."""

from __future__ import annotations

import pytest

from settings.derived.immutable_fields import changed_immutables
from settings.types.error_codes import Code
from tests.unit.settings.project import organization, team


def test_unchanged_settings_have_no_fault():
    assert changed_immutables(organization(), organization()) == ()
    assert changed_immutables(team(), team()) == ()


def test_a_changed_range_is_refused_with_old_and_new_value():
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
def test_fields_that_every_account_depends_on_are_immutable(field: str, value: str):
    (fault,) = changed_immutables(organization(), organization(**{field: value}))
    assert fault.path == field
    assert fault.value.endswith(f"-> {value}") or "{" in value


@pytest.mark.parametrize(("field", "value"), [("supernet", "172.16.0.0/12"), ("team_prefix_length", 20)])
def test_a_nested_field_can_be_immutable(field: str, value: object):
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
def test_an_account_cannot_change_between_created_and_adopted(before: dict, after: dict):
    (fault,) = changed_immutables(team(accounts=before), team(accounts=after))
    assert fault.path in ("accounts.production.id", "accounts.production.email")


@pytest.mark.requirement("ACC-02.a", "ACC-07.b", "SZ-01.a")
def test_names_owners_budgets_phases_and_placements_may_change():
    before, after = organization(phase="initial", placement="small"), organization(phase="scalable", placement="large")
    assert changed_immutables(before, after) == ()
    renamed = team(
        accounts={"production": {"name": "x"}}, owner="new@acme.example", monthly_budget_usd=1, tags={"a": "b"}
    )
    assert changed_immutables(team(), renamed) == ()


def test_contacts_may_be_added_changed_and_removed():
    desk = {"name": "Desk", "title": "On call", "email": "desk@acme.example", "phone": "1"}
    none, one, other = ({}, {"security": desk}, {"security": {**desk, "phone": "2"}})
    for before, after in ((none, one), (one, one), (one, other), (other, none)):
        assert changed_immutables(organization(contacts=before), organization(contacts=after)) == ()


def test_an_optional_section_may_be_added_and_removed():
    delivered = team(use_cases={"scoring": {"delivery": {"images": ["train"]}}})
    for without in (team(), team(use_cases={"scoring": {}})):
        assert changed_immutables(without, delivered) == ()
        assert changed_immutables(delivered, without) == ()


def test_settings_of_different_classes_are_not_compared():
    with pytest.raises(TypeError, match="Team and Organization"):
        changed_immutables(team(), organization())
