"""A use case whose repositories are at a source provider: connection, mirrors and their role."""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256

import pytest

from policies.security.rules.delivery.builds import MIRRORING
from settings.organization.source import SourceSettings
from settings.team.delivery import DeliverySettings
from settings.team.use_case import UseCaseSettings
from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    DATA_SOURCES,
    DELIVERED,
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)

STACK = "fraud--scoring"
CONNECTION = "aws:codeconnections/connection:Connection"
PROJECT = "aws:codebuild/project:Project"
WEBHOOK = "aws:codebuild/webhook:Webhook"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ADOPTED = "arn:aws:codeconnections:eu-west-1:111122223333:connection/11111111-2222-3333-4444-555555555555"
GITHUB = SourceSettings(provider="github", namespace="acme")


def deployment(source=GITHUB, **delivery):
    use_cases = {"scoring": UseCaseSettings(delivery=DeliverySettings(**delivery))} if delivery else DELIVERED
    organization = example_organization(source=source)
    return Deployment(example_foundation(organization=organization, teams=[example_team(use_cases=use_cases)]))


@cache
def connected():
    return deployment()


def mirror(stack, purpose="build"):
    (found,) = [project for project in stack.all(PROJECT) if project.inputs["name"] == f"{STACK}-{purpose}-mirror"]
    return found.inputs


def test_an_organization_with_codecommit_has_neither_connection_nor_mirrors():
    deployed = example_deployment()
    assert deployed["tooling"].all(CONNECTION) == []
    purposes = ("build", "images", "promotion", "promotion-preprod", "promotion-prod")
    assert {project.inputs["name"] for project in deployed[STACK].all(PROJECT)} == {
        f"{STACK}-{purpose}" for purpose in purposes
    }
    assert deployed[STACK].exports["source_urls"] == {}


def test_the_tooling_account_has_one_protected_connection():
    connection = connected()["tooling"].one(CONNECTION)
    assert (connection.inputs["name"], connection.inputs["providerType"]) == ("acme-github", "GitHub")
    assert connection.protect
    services = {
        vpc_endpoint.inputs["serviceName"]
        for vpc_endpoint in connected()["governance"].all("aws:ec2/vpcEndpoint:VpcEndpoint")
    }
    assert "com.amazonaws.eu-west-1.codeconnections.api" in services


@pytest.mark.requirement("CI-01", "CI-08.b")
def test_a_push_at_github_is_copied_and_shows_the_result_of_the_build():
    stack = connected()[STACK]
    arn = connected()["tooling"].exports["connection_arn"]
    source = mirror(stack)["source"]
    assert source["location"] == "https://github.com/acme/fraud-scoring-build.git"
    assert (source["type"], source["auth"]) == ("GITHUB", {"type": "CODECONNECTIONS", "resource": arn})
    assert source["reportBuildStatus"]
    assert source["gitCloneDepth"] == 0
    given = {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in mirror(stack)["environment"]["environmentVariables"]
    }
    assert given["BUILD_PROJECT"] == f"{STACK}-build"
    assert given["MIRROR_URL"] == stack.exports["clone_urls"]["build"]
    webhooks = {webhook.inputs["projectName"]: webhook.inputs["filterGroups"] for webhook in stack.all(WEBHOOK)}
    assert set(webhooks) == {f"{STACK}-build-mirror", f"{STACK}-deployment-mirror"}
    (group,) = webhooks[f"{STACK}-build-mirror"]
    assert group["filters"] == [
        {"type": "EVENT", "pattern": "PUSH"}, {"type": "HEAD_REF", "pattern": "^refs/heads/"}
    ]  # fmt: skip
    assert stack.exports["source_urls"]["deployment"] == "https://github.com/acme/fraud-scoring-deployment.git"


def test_the_mirror_runs_outside_the_network_with_the_admitted_specification_only():
    project = mirror(connected()[STACK])
    assert "vpcConfig" not in project
    assert sha256(project["source"]["buildspec"].encode()).hexdigest() == MIRRORING


def test_the_build_and_its_rule_are_those_of_codecommit():
    with_github, own = (each[STACK].inputs for each in (connected(), example_deployment()))
    without = {urn: inputs for urn, inputs in own.items() if "contributor" not in urn}
    assert {urn: inputs for urn, inputs in with_github.items() if urn in without} == without
    assert len(with_github.keys() - without.keys()) == 10


def test_the_mirror_role_uses_one_connection_and_copies_two_repositories():
    stack = connected()[STACK]
    (policy,) = [role_policy for role_policy in stack.all(ROLE_POLICY) if role_policy.name == "mirror-permissions"]
    found = statements(policy, "policy")
    arn = connected()["tooling"].exports["connection_arn"]
    assert found["ReadThroughTheConnection"]["Resource"] == arn
    pushes = [statement["Sid"] for statement in found.values() if "codecommit:GitPush" in as_list(statement["Action"])]
    assert pushes == ["CopyCode"]
    assert [repository.rpartition(":")[2] for repository in found["CopyCode"]["Resource"]] == [
        f"{STACK}-build",
        f"{STACK}-deployment",
    ]
    assert not [statement for statement in found.values() if "codebuild:StartBuild" in as_list(statement["Action"])]
    (role,) = [resource for resource in stack.all("aws:iam/role:Role") if resource.inputs["name"] == f"{STACK}-mirror"]
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert [source.rpartition("/")[2] for source in trust["Condition"]["ArnLike"]["aws:SourceArn"]] == [
        f"{STACK}-build-mirror", f"{STACK}-deployment-mirror"
    ]  # fmt: skip


def test_a_connection_is_adopted_and_repositories_are_named():
    source = SourceSettings(provider="gitlab", namespace="acme/ml", connection=ADOPTED)
    deployed = deployment(source, repositories={"build": "acme/models/scoring"})
    assert deployed["tooling"].all(CONNECTION) == []
    assert deployed["tooling"].exports["connection_arn"] == ADOPTED
    found = mirror(deployed[STACK])["source"]
    assert (found["type"], found["location"]) == ("GITLAB", "https://gitlab.com/acme/models/scoring.git")
    assert found["auth"]["resource"] == ADOPTED
    other = mirror(deployed[STACK], "deployment")["source"]["location"]
    assert other == "https://gitlab.com/acme/ml/fraud-scoring-deployment.git"


def test_a_use_case_stays_in_codecommit_if_its_delivery_says_so():
    deployed = deployment(source=GITHUB, **{"images": ("train",), "feature_branches": False, "build_minutes": 60})
    assert [project for project in deployed[STACK].all(PROJECT) if project.inputs["name"].endswith("-mirror")]
    own = DeliverySettings(source=SourceSettings())
    teams = [example_team(use_cases={"scoring": UseCaseSettings(delivery=own)})]
    stays = Deployment(example_foundation(organization=example_organization(source=GITHUB), teams=teams))
    assert stays[STACK].all(WEBHOOK) == []


def test_a_pending_connection_stops_the_update_and_says_where_to_complete_it(monkeypatch):
    monkeypatch.setitem(
        DATA_SOURCES, "aws:codestarconnections/getConnection:getConnection", {"connectionStatus": "PENDING"}
    )
    with pytest.raises(
        Exception, match=r"console of the account .*codesuite/settings/connections.*run the command again"
    ):
        deployment()[STACK].all(WEBHOOK)
