"""Tests of the read access to the lake that the pipelines of a use case have."""

from __future__ import annotations

import pytest

from settings.derived.sharing import lf_tag_expression, training_roles
from settings.derived.stack_graph import StackIdentity, stacks_in
from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)

STACK, TEAM = "fraud--scoring", "fraud"
GRANT = "aws:lakeformation/permissions:Permissions"


def grants(deployment=None):
    return (deployment or example_deployment())[STACK].all(GRANT)


def role_arn():
    account = example_deployment()["fraud"].exports["accounts"]["development"]
    return f"arn:aws:iam::{account}:role/plinth/fraud--scoring-dev-pipeline"


@pytest.mark.requirement("DL-08.a", "DEV-04.a", "DEV-04.c")
def test_pipelines_read_what_is_shared_with_development_and_cannot_pass_it_on():
    by_tags = {
        grant.inputs["lfTagPolicy"]["resourceType"]: grant for grant in grants() if "lfTagPolicy" in grant.inputs
    }
    tables = by_tags["TABLE"].inputs
    found = {expression["key"]: expression["values"] for expression in tables["lfTagPolicy"]["expressions"]}
    assert found == {key: sorted(values) for key, values in lf_tag_expression(TEAM, "development").items()}
    assert tables["permissions"] == ["DESCRIBE", "SELECT"]
    assert by_tags["DATABASE"].inputs["permissions"] == ["DESCRIBE"]
    assert {grant.inputs["principal"] for grant in grants()} == {role_arn()}
    assert not any("permissionsWithGrantOptions" in grant.inputs for grant in grants())
    assert {grant.provider for grant in by_tags.values()} == {"data-lake"}


def test_pipelines_find_the_lake_through_the_links_of_their_account():
    links = [grant for grant in grants() if "database" in grant.inputs]
    assert {link.inputs["database"]["name"] for link in links} == {"lake_historical", "lake_inference", "lake_features"}
    assert {link.provider for link in links} == {"fraud-development"}
    made = {
        catalog_database.inputs["name"]
        for catalog_database in example_deployment()["fraud-data"].all("aws:glue/catalogDatabase:CatalogDatabase")
    }
    assert {link.inputs["database"]["name"] for link in links} <= made


@pytest.mark.requirement("DEV-04.b", level="permission")
def test_pipelines_ask_in_the_workgroup_of_development_and_keep_its_answers_only():
    (policy,) = [
        role_policy
        for role_policy in example_deployment()[STACK].all("aws:iam/rolePolicy:RolePolicy")
        if role_policy.inputs["role"] == "fraud--scoring-dev-pipeline"
    ]
    by_sid = statements(policy)
    groups = [arn for arn in as_list(by_sid["Ask"]["Resource"]) if ":workgroup/" in arn]
    assert [group.rpartition(":")[2] for group in groups] == ["workgroup/fraud-development"]
    assert all(arn.endswith("/queries/fraud-development/*") for arn in as_list(by_sid["KeepAnswers"]["Resource"]))


@pytest.mark.parametrize("placement", ["small", "medium"])
def test_a_lake_in_an_account_of_the_stack_needs_no_provider_of_its_own(placement):
    made = Deployment(example_foundation(organization=example_organization(placement=placement)))[STACK]
    providers = [record.name for record in made.records if record.is_provider]
    assert len(providers) == len(set(providers))
    assert any("lfTagPolicy" in grant.inputs for grant in made.all(GRANT))


def test_the_tag_of_the_team_exists_before_the_use_case():
    graph = stacks_in("reliable", [TEAM], use_cases=[(TEAM, "scoring")])
    assert StackIdentity("data", TEAM) in graph[StackIdentity("use-case", TEAM, use_case="scoring")]


def test_the_roles_of_use_cases_with_a_delivery_train_in_development_only():
    team = example_team()
    assert training_roles(team, "development") == tuple(
        f"{team.name}--{name}-dev-pipeline"
        for name, use_case in sorted(team.use_cases.items())
        if use_case.delivery is not None
    )
    assert training_roles(team, "production") == ()
