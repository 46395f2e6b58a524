"""The stack context: facts from a stack's name and configuration that rules use."""

from __future__ import annotations

import json

import pytest

from policies.evaluation.stack_context import stack_context
from settings.organization.organization import NOTEBOOK_PLATFORMS
from settings.types.kinds import ENVIRONMENTS
from tests.support.acme import ORGANIZATION


def declared(stack: str, *, environment: object = None, **organization: object):
    return stack_context(
        stack, json.dumps(ORGANIZATION | organization), None if environment is None else json.dumps(environment)
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
def test_the_stack_name_determines_the_kind(stack, kind):
    assert declared(stack).kind == kind


@pytest.mark.parametrize("stack", ["", "Fraud", "a--b", "fraud_development"])
def test_a_name_without_a_kind_counts_as_production(stack):
    context = declared(stack, environment={"internet_access": True}, sign_in="iam")
    assert (context.kind, context.internet_egress, context.identity_center) == ("production", False, True)


def test_the_allowed_regions_come_from_the_organization():
    assert declared("organization").allowed_regions == ("eu-west-1",)
    several = declared("organization", allowed_regions=["eu-west-1", "eu-central-1"])
    assert several.allowed_regions == ("eu-west-1", "eu-central-1")


def test_the_organization_declares_a_cluster_for_the_endpoints_of_its_network():
    assert not declared("tooling").cluster
    assert declared("tooling", tooling_cluster={}).cluster
    assert declared("network", endpoints="shared", tooling_cluster={"version": "1.36"}).cluster


def test_the_organization_can_choose_iam_for_sign_in():
    assert declared("organization").identity_center
    assert not declared("organization", sign_in="iam").identity_center


def test_experimentation_has_egress_only_if_it_declares_it():
    assert declared("fraud-experimentation", environment={"internet_access": True}).internet_egress
    assert not declared("fraud-experimentation", environment={"internet_access": False}).internet_egress
    assert not declared("fraud-experimentation", environment={}).internet_egress
    assert not declared("fraud-experimentation").internet_egress


def test_audit_is_delegated_unless_there_is_only_one_account():
    assert declared("audit").delegated_audit
    assert not declared("audit", placement="small").delegated_audit


def test_an_organization_with_an_id_is_adopted():
    assert not declared("organization").adopted_organization
    assert declared("organization", id="o-acme123456").adopted_organization


def test_a_team_needs_no_account_for_an_environment_that_it_places_in_a_shared_account():
    team = {"owner": "a@acme.example", "cost_centre": "1", "cidr": "10.1.0.0/19", "monthly_budget_usd": 1}
    kept = json.dumps({**team, "placement": {"development": "organization"}})
    organization = json.dumps(ORGANIZATION | {"phase": "repeatable"})
    assert stack_context("fraud", organization, None, json.dumps(team)).team_accounts == ENVIRONMENTS[:2]
    assert stack_context("fraud", organization, None, kept).team_accounts == ENVIRONMENTS[:1]
    assert stack_context("fraud", organization, None, "{").team_accounts == ENVIRONMENTS[:2]


def test_the_log_archive_prefix_contains_the_organizations_name():
    assert declared("fraud-production").log_archive == "acme-log-archive-"


def test_the_artifact_bucket_prefix_contains_the_organizations_name():
    assert declared("fraud-production").artifacts == "acme-artifacts-"


def test_the_organization_lists_notebook_platforms():
    assert declared("fraud-development").notebook_platforms == NOTEBOOK_PLATFORMS
    newer = declared("fraud-development", notebook_platforms=["notebook-al2023-v2"])
    assert newer.notebook_platforms == ("notebook-al2023-v2",)


def test_public_ranges_and_mail_domains_come_from_the_settings():
    context = declared("fraud", corporate_networks=["20.1.2.0/24"], public_ingress_prefix=28)
    assert (context.corporate_networks, context.public_ingress_prefix) == (("20.1.2.0/24",), 28)
    assert context.mail_domains == ("acme.example",)
    team = {"owner": "a@subsidiary.example", "cost_centre": "1", "cidr": "10.1.0.0/19", "monthly_budget_usd": 1}
    with_team = stack_context("fraud", json.dumps(ORGANIZATION), None, json.dumps(team))
    assert with_team.mail_domains == ("acme.example", "subsidiary.example")
    assert stack_context("fraud", "{", None).mail_domains == ()


def test_the_organization_admits_types():
    reason = "Scoring calls a function"
    assert declared("fraud", admitted_types={"aws:lambda/function:Function": reason}).admitted_types == (
        "aws:lambda/function:Function",
    )
    assert declared("fraud").admitted_types == ()
    assert declared("fraud", admitted_types={"aws:lambda/function:Function": ""}).admitted_types == ()


def test_a_team_declares_use_cases_that_call_aws():
    team = {"owner": "a@acme.example", "cost_centre": "1", "cidr": "10.1.0.0/19", "monthly_budget_usd": 1}
    cases = json.dumps({**team, "use_cases": {"scoring": {"models_call_aws": True}, "limits": {}}})
    for stack in ("fraud-development", "fraud-production"):
        assert stack_context(stack, json.dumps(ORGANIZATION), None, cases).calling_use_cases == ("scoring",)
    assert stack_context("fraud-production", json.dumps(ORGANIZATION), None, "{").calling_use_cases == ()


def test_branch_prefixes_exist_only_in_environments_that_build_branches():
    team = {"owner": "a@acme.example", "cost_centre": "1", "cidr": "10.1.0.0/19", "monthly_budget_usd": 1}
    cases = json.dumps({**team, "use_cases": {"scoring": {}, "limits": {}}})
    prefixes = {
        stack: stack_context(stack, json.dumps(ORGANIZATION), None, cases).branch_prefixes
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


def test_the_account_of_tooling_contains_the_registry():
    stacks = ("tooling", "fraud-development", "fraud-development-studio", "data-lake")
    for placement, holders in {
        "large": stacks[:1],
        "medium": ("tooling", "data-lake"),
        "small": stacks,
    }.items():
        found = [stack for stack in stacks if declared(stack, placement=placement).holds_registry]
        assert tuple(found) == holders
    assert not stack_context("fraud-development", "{", None).holds_registry


def test_the_lake_prefix_contains_the_organizations_name():
    assert declared("fraud-development").lake == "acme-lake-"
    assert stack_context("fraud-development", "{", None).lake == ""


@pytest.mark.parametrize("text", ["", "null", "[]", '"eu-west-1"', '{"name": "acme"}', "{"])
def test_unreadable_settings_relax_no_rule(text):
    context = stack_context("fraud-experimentation", text, text)
    assert context.identity_center
    assert not context.internet_egress
    assert context.allowed_regions == ()
    assert (context.artifacts, context.calling_use_cases) == ("", ())
    assert context.notebook_platforms == NOTEBOOK_PLATFORMS


FORMS = {
    "owner": "data@acme.example",
    "classification": "internal",
    "kind": "objects",
    "shared_with": {"fraud": ["development"]},
}


def test_the_datasets_own_stack_declares_its_readers():
    context = stack_context("data-lake--forms", json.dumps(ORGANIZATION), None, None, json.dumps(FORMS))
    assert (context.kind, context.dataset, context.is_durable) == ("dataset", "forms", True)
    assert (context.shared_with, context.for_experiments) == ({"fraud": ("development",)}, False)
    approved = stack_context("data-lake--forms", None, None, None, json.dumps({**FORMS, "approved": True}))
    assert approved.for_experiments


def test_the_stack_of_results_declares_who_returns_them():
    text = json.dumps({**FORMS, "zone": "results", "returned_by": {"fraud": ["production"]}})
    context = stack_context("data-lake--forms", json.dumps(ORGANIZATION), None, None, text)
    assert context.returned_by == {"fraud": ("production",)}


@pytest.mark.parametrize("text", [None, "{", "[]", json.dumps({**FORMS, "shared_with": {"fraud": ["moon"]}})])
def test_a_dataset_with_unreadable_settings_is_shared_with_nobody(text):
    context = stack_context("data-lake--forms", json.dumps(ORGANIZATION), None, None, text)
    assert (context.dataset, context.shared_with, context.for_experiments) == ("forms", {}, False)


def test_a_release_knows_what_its_promotion_names_and_who_signed_it_off():
    given = json.dumps({"versions": ["arn:7", "arn:6"], "sign_offs": {"Review": "ben"}})
    context = stack_context("fraud-production", None, None, project="fraud--scoring", promotion=given)
    assert (context.promoted_versions, context.sign_offs) == (("arn:7", "arn:6"), {"Review": "ben"})
    other = stack_context("fraud-production", None, None, project="plinth", promotion=given)
    assert (other.promoted_versions, other.sign_offs) == ((), {})


@pytest.mark.parametrize(("people", "approves"), [(["gina"], True), ([], False)])
def test_a_release_knows_whether_the_business_approves(people, approves):
    delivery = {"approvers": ["ben", "chloe"], "business_approvers": people}
    team = {"owner": "a@acme.example", "cost_centre": "1", "cidr": "10.1.0.0/19", "monthly_budget_usd": 1}
    cases = json.dumps({**team, "use_cases": {"scoring": {"delivery": delivery}}})
    settings = (json.dumps(ORGANIZATION), None, cases)
    assert stack_context("fraud-production", *settings, project="fraud--scoring").business_approves is approves
    assert not stack_context("fraud-production", *settings, project="fraud--disputes").business_approves


@pytest.mark.parametrize(
    "given", [None, "", "[]", "{}", "7", '{"versions": ["arn:7"]}', '{"versions": 7, "sign_offs": {}}']
)
def test_a_promotion_that_cannot_be_read_has_no_versions_and_no_approvals(given):
    context = stack_context("fraud-production", None, None, project="fraud--scoring", promotion=given)
    assert (context.promoted_versions, context.sign_offs) == ((), {})
