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
    by_tags = {one.inputs["lfTagPolicy"]["resourceType"]: one for one in grants() if "lfTagPolicy" in one.inputs}
    tables = by_tags["TABLE"].inputs
    found = {one["key"]: one["values"] for one in tables["lfTagPolicy"]["expressions"]}
    assert found == {key: sorted(values) for key, values in lf_tag_expression(TEAM, "development").items()}
    assert tables["permissions"] == ["DESCRIBE", "SELECT"]
    assert by_tags["DATABASE"].inputs["permissions"] == ["DESCRIBE"]
    assert {one.inputs["principal"] for one in grants()} == {role_arn()}
    assert not any("permissionsWithGrantOptions" in one.inputs for one in grants())
    assert {one.provider for one in by_tags.values()} == {"data-lake"}


def test_pipelines_find_the_lake_through_the_links_of_their_account():
    links = [one for one in grants() if "database" in one.inputs]
    assert {one.inputs["database"]["name"] for one in links} == {"lake_historical", "lake_inference", "lake_features"}
    assert {one.provider for one in links} == {"fraud-development"}
    made = {
        one.inputs["name"] for one in example_deployment()["fraud-data"].all("aws:glue/catalogDatabase:CatalogDatabase")
    }
    assert {one.inputs["database"]["name"] for one in links} <= made


@pytest.mark.requirement("DEV-04.b", level="permission")
def test_pipelines_ask_in_the_workgroup_of_development_and_keep_its_answers_only():
    (policy,) = [
        one
        for one in example_deployment()[STACK].all("aws:iam/rolePolicy:RolePolicy")
        if one.inputs["role"] == "fraud--scoring-dev-pipeline"
    ]
    by_sid = statements(policy)
    groups = [one for one in as_list(by_sid["Ask"]["Resource"]) if ":workgroup/" in one]
    assert [one.rpartition(":")[2] for one in groups] == ["workgroup/fraud-development"]
    assert all(one.endswith("/queries/fraud-development/*") for one in as_list(by_sid["KeepAnswers"]["Resource"]))


@pytest.mark.parametrize("placement", ["small", "medium"])
def test_a_lake_in_an_account_of_the_stack_needs_no_provider_of_its_own(placement):
    made = Deployment(example_foundation(organization=example_organization(placement=placement)))[STACK]
    providers = [one.name for one in made.records if one.is_provider]
    assert len(providers) == len(set(providers))
    assert any("lfTagPolicy" in one.inputs for one in made.all(GRANT))


def test_the_tag_of_the_team_exists_before_the_use_case():
    graph = stacks_in("reliable", [TEAM], use_cases=[(TEAM, "scoring")])
    assert StackIdentity("data", TEAM) in graph[StackIdentity("use-case", TEAM, use_case="scoring")]


def test_the_roles_of_use_cases_with_a_delivery_train_in_development_only():
    team = example_team()
    assert training_roles(team, "development") == tuple(
        f"{team.name}--{name}-dev-pipeline" for name, one in sorted(team.use_cases.items()) if one.delivery is not None
    )
    assert training_roles(team, "production") == ()
