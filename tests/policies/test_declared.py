"""What a stack's name and configuration tell the rules."""

from __future__ import annotations

import json

import pytest

from policies.security.inputs.declared import surroundings
from settings.organization.organization import NOTEBOOK_PLATFORMS
from settings.types.kinds import ENVIRONMENTS

ACME = {
    "name": "acme",
    "email": "aws+{account}@acme.example",
    "owner": "platform@acme.example",
    "cost_centre": "1000",
    "home_region": "eu-west-1",
}


def declared(stack: str, *, environment: object = None, **organization: object):
    return surroundings(
        stack, json.dumps(ACME | organization), None if environment is None else json.dumps(environment)
    )


@pytest.mark.parametrize(
    ("stack", "kind"),
    [
        ("organization", "organization"),
        ("fraud", "team"),
        ("fraud-experimentation", "experimentation"),
        ("fraud-production", "production"),
    ],
)
def test_a_stacks_kind_is_that_of_its_name(stack, kind):
    assert declared(stack).kind == kind


@pytest.mark.parametrize("stack", ["", "Fraud", "a--b", "fraud_development"])
def test_a_name_that_says_no_kind_is_judged_as_production(stack):
    around = declared(stack, environment={"internet_access": True}, sign_in="iam")
    assert (around.kind, around.internet_egress, around.identity_center) == ("production", False, True)


def test_the_allowed_regions_are_those_of_the_organization():
    assert declared("organization").allowed_regions == ("eu-west-1",)
    several = declared("organization", allowed_regions=["eu-west-1", "eu-central-1"])
    assert several.allowed_regions == ("eu-west-1", "eu-central-1")


def test_people_may_sign_in_with_iam_where_the_organization_says_so():
    assert declared("organization").identity_center
    assert not declared("organization", sign_in="iam").identity_center


def test_experimentation_has_egress_only_when_it_asks():
    assert declared("fraud-experimentation", environment={"internet_access": True}).internet_egress
    assert not declared("fraud-experimentation", environment={"internet_access": False}).internet_egress
    assert not declared("fraud-experimentation", environment={}).internet_egress
    assert not declared("fraud-experimentation").internet_egress


def test_all_are_watched_from_another_account_unless_there_is_only_one():
    assert declared("audit").delegated_audit
    assert not declared("audit", placement="small").delegated_audit


def test_an_organization_that_was_there_before_is_known_by_its_id():
    assert not declared("organization").adopted_organization
    assert declared("organization", id="o-acme123456").adopted_organization


def test_a_team_makes_no_account_for_an_environment_that_it_keeps_in_a_shared_one():
    team = {"owner": "a@acme.example", "cost_centre": "1", "cidr": "10.1.0.0/19", "monthly_budget_usd": 1}
    kept = json.dumps({**team, "placement": {"development": "organization"}})
    organization = json.dumps(ACME | {"phase": "repeatable"})
    assert surroundings("fraud", organization, None, json.dumps(team)).team_accounts == ENVIRONMENTS[:2]
    assert surroundings("fraud", organization, None, kept).team_accounts == ENVIRONMENTS[:1]
    assert surroundings("fraud", organization, None, "{").team_accounts == ENVIRONMENTS[:2]


def test_the_archive_is_known_by_the_organizations_name():
    assert declared("fraud-production").log_archive == "acme-log-archive-"


def test_the_registrys_bucket_is_known_by_the_organizations_name():
    assert declared("fraud-production").artifacts == "acme-artifacts-"


def test_notebooks_run_on_what_the_organization_lists():
    assert declared("fraud-development").notebook_platforms == NOTEBOOK_PLATFORMS
    newer = declared("fraud-development", notebook_platforms=["notebook-al2023-v2"])
    assert newer.notebook_platforms == ("notebook-al2023-v2",)


def test_use_cases_call_aws_where_their_team_says_so():
    team = {"owner": "a@acme.example", "cost_centre": "1", "cidr": "10.1.0.0/19", "monthly_budget_usd": 1}
    cases = json.dumps({**team, "use_cases": {"scoring": {"models_call_aws": True}, "limits": {}}})
    for stack in ("fraud-development", "fraud-production"):
        assert surroundings(stack, json.dumps(ACME), None, cases).calling_use_cases == ("scoring",)
    assert surroundings("fraud-production", json.dumps(ACME), None, "{").calling_use_cases == ()


def test_branches_lie_where_branches_are_built():
    team = {"owner": "a@acme.example", "cost_centre": "1", "cidr": "10.1.0.0/19", "monthly_budget_usd": 1}
    cases = json.dumps({**team, "use_cases": {"scoring": {}, "limits": {}}})
    prefixes = {
        stack: surroundings(stack, json.dumps(ACME), None, cases).branch_prefixes
        for stack in ("fraud", "fraud-development", "fraud-experimentation", "fraud-production", "data-lake")
    }
    built = ("scoring/feature-", "limits/feature-")
    assert prefixes == {
        "fraud": (),
        "fraud-development": built,
        "fraud-experimentation": built,
        "fraud-production": (),
        "data-lake": (),
    }


def test_the_registry_is_in_the_account_where_tooling_lands():
    stacks = ("tooling", "fraud-development", "fraud-development-studio", "data-lake")
    for placement, holders in {
        "large": stacks[:1],
        "medium": ("tooling", "data-lake"),
        "small": stacks,
    }.items():
        found = [stack for stack in stacks if declared(stack, placement=placement).holds_registry]
        assert tuple(found) == holders
    assert not surroundings("fraud-development", "{", None).holds_registry


def test_the_lakes_buckets_are_known_by_the_organizations_name():
    assert declared("fraud-development").lake == "acme-lake-"
    assert surroundings("fraud-development", "{", None).lake == ""


@pytest.mark.parametrize("text", ["", "null", "[]", '"eu-west-1"', '{"name": "acme"}', "{"])
def test_settings_that_cannot_be_read_relax_nothing(text):
    around = surroundings("fraud-experimentation", text, text)
    assert around.identity_center
    assert not around.internet_egress
    assert around.allowed_regions == ()
    assert (around.artifacts, around.calling_use_cases) == ("", ())
    assert around.notebook_platforms == NOTEBOOK_PLATFORMS


FORMS = {
    "owner": "data@acme.example",
    "classification": "internal",
    "kind": "objects",
    "shared_with": {"fraud": ["development"]},
}


def test_a_dataset_is_shared_with_whom_its_own_stack_declares():
    around = surroundings("data-lake--forms", json.dumps(ACME), None, None, json.dumps(FORMS))
    assert (around.kind, around.dataset, around.is_durable) == ("dataset", "forms", True)
    assert (around.shared_with, around.for_experiments) == ({"fraud": ("development",)}, False)
    approved = surroundings("data-lake--forms", None, None, None, json.dumps({**FORMS, "approved": True}))
    assert approved.for_experiments


@pytest.mark.parametrize("text", [None, "{", "[]", json.dumps({**FORMS, "shared_with": {"fraud": ["moon"]}})])
def test_a_dataset_of_which_nothing_can_be_read_is_shared_with_nobody(text):
    around = surroundings("data-lake--forms", json.dumps(ACME), None, None, text)
    assert (around.dataset, around.shared_with, around.for_experiments) == ("forms", {}, False)
