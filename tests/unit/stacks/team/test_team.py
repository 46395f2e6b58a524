import pytest

from settings.organization.account import AccountSettings
from settings.team.studio import StudioSettings
from settings.team.team import EnvironmentSettings
from tests.support.every_stack import (
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)

ACCOUNT = "aws:organizations/account:Account"
UNIT = "aws:organizations/organizationalUnit:OrganizationalUnit"
ATTACHMENT = "aws:organizations/policyAttachment:PolicyAttachment"
BUDGET = "aws:budgets/budget:Budget"


def team(*environments, placement="large", **changes):
    foundation = example_foundation(
        *environments, organization=example_organization(placement=placement), teams=[example_team(**changes)]
    )
    return Deployment(foundation)["fraud"]


@pytest.mark.requirement("ACC-04.a", "ACC-05.a")
def test_experimentation_is_in_non_production_and_the_other_environments_in_production():
    recorder = example_deployment()["fraud"]
    units = recorder.exports["organizational_units"]
    assert {a.inputs["name"]: a.inputs["parentId"] for a in recorder.all(ACCOUNT)} == {
        "acme-fraud-experimentation": units["NonProduction"],
        "acme-fraud-development": units["Production"],
        "acme-fraud-preproduction": units["Production"],
        "acme-fraud-production": units["Production"],
    }


@pytest.mark.requirement("ACC-05.b", "GOV-09.a")
def test_a_teams_units_inherit_the_guardrails_of_their_part_of_the_tree():
    parents = example_deployment()["organization"].exports["organizational_units"]
    units = {u.name: u.inputs for u in example_deployment()["fraud"].all(UNIT)}
    assert units["unit-nonproduction"] == {"name": "fraud", "parentId": parents["Workloads/NonProduction"]}
    assert units["unit-production"] == {"name": "fraud", "parentId": parents["Workloads/Production"]}


@pytest.mark.requirement("ACC-04.a")
def test_teams_share_no_account():
    ids = [
        account for name in ("fraud", "churn") for account in example_deployment()[name].exports["accounts"].values()
    ]
    assert len(set(ids)) == 8


def test_an_accounts_address_comes_from_the_organizations_pattern():
    emails = {a.inputs["email"] for a in example_deployment()["fraud"].all(ACCOUNT)}
    assert "aws+fraud-development@acme.example" in emails
    assert len(emails) == 4


@pytest.mark.requirement("ACC-01.b")
def test_an_account_that_exists_already_is_adopted():
    recorder = team(accounts={"development": AccountSettings(id="666666666666")})
    assert {a.name: a.import_id for a in recorder.all(ACCOUNT) if a.import_id} == {
        "account-development": "666666666666"
    }


@pytest.mark.requirement("ACC-03.a")
def test_a_teams_accounts_are_ephemeral_and_say_so():
    accounts = example_deployment()["fraud"].all(ACCOUNT)
    assert {a.inputs["tags"]["plinth:lifecycle"] for a in accounts} == {"ephemeral"}
    assert not any(a.protect for a in accounts)


def test_a_teams_accounts_are_tagged_with_their_environment():
    tags = {a.name: a.inputs["tags"]["plinth:environment"] for a in example_deployment()["fraud"].all(ACCOUNT)}
    assert tags["account-production"] == "production"
    assert len(set(tags.values())) == 4


def test_an_account_without_a_studio_has_the_guardrail_against_manual_work():
    recorder = example_deployment()["fraud"]
    accounts = recorder.exports["accounts"]
    closed = {a.inputs["targetId"] for a in recorder.all(ATTACHMENT)}
    assert closed == {accounts["preproduction"], accounts["production"]}
    assert {a.inputs["policyId"] for a in recorder.all(ATTACHMENT)} == {"guardrail-no-studio-id"}


def test_development_without_a_studio_has_that_guardrail_too():
    without = EnvironmentSettings(team="fraud", environment="development", studio=StudioSettings(enabled=False))
    recorder = team(without)
    assert recorder.exports["accounts"]["development"] in {a.inputs["targetId"] for a in recorder.all(ATTACHMENT)}


def test_an_account_in_which_one_of_two_environments_has_a_studio_has_no_such_guardrail():
    without = EnvironmentSettings(team="fraud", environment="development", studio=StudioSettings(enabled=False))
    recorder = team(without, placement="medium")
    assert recorder.exports["accounts"]["experimentation"] not in {
        a.inputs["targetId"] for a in recorder.all(ATTACHMENT)
    }


@pytest.mark.requirement("ACC-09.c", "COST-01")
def test_the_owner_is_notified_of_the_teams_and_each_accounts_costs():
    recorder = example_deployment()["fraud"]
    accounts = recorder.exports["accounts"]
    watched = {
        b.name: (b.inputs["limitAmount"], sorted(b.inputs["costFilters"][0]["values"])) for b in recorder.all(BUDGET)
    }
    assert watched["budget"] == ("5000", sorted(accounts.values()))
    assert {name: share for name, share in watched.items() if name != "budget"} == {
        f"budget-{environment}": ("1250", [account]) for environment, account in accounts.items()
    }
    assert {n["subscriberEmailAddresses"][0] for b in recorder.all(BUDGET) for n in b.inputs["notifications"]} == {
        "fraud-owner@acme.example"
    }


@pytest.mark.requirement("ACC-02.b", "SZ-04.a")
def test_where_experimentation_lands_in_development_the_team_has_three_accounts():
    recorder = team(placement="medium")
    accounts = recorder.exports["accounts"]
    assert len(recorder.all(ACCOUNT)) == 3
    assert accounts["experimentation"] == accounts["development"]


@pytest.mark.requirement("ACC-02.b")
def test_in_a_small_placement_a_team_creates_no_account_and_uses_the_management_account():
    recorder = team(placement="small")
    assert not recorder.all(ACCOUNT)
    assert len(set(recorder.exports["accounts"].values())) == 1
