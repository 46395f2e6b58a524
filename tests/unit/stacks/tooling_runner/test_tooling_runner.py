"""Tests of the resources for Jobs that run stack operations in the Kubernetes cluster of the tooling account."""

import json
from functools import cache

from settings.derived.stack_graph import StackIdentity
from settings.organization.cluster.tooling_cluster import ClusterSettings
from tests.support.documents import statements
from tests.support.every_stack import Deployment, example_foundation, example_organization
from tests.support.variants import RUNNER

STACK, PLATFORM = StackIdentity("tooling-runner"), StackIdentity("tooling-platform")
ROLE = "aws:iam/role:Role"


@cache
def foundation(*, runs=True):
    cluster = ClusterSettings(runner=RUNNER if runs else None)
    return example_foundation(organization=example_organization(tooling_cluster=cluster))


@cache
def deployment(*, runs=True):
    return Deployment(foundation(runs=runs))


def deployer(stack, *, runs=True):
    (role,) = (
        resource
        for resource in deployment(runs=runs)[stack].all(ROLE)
        if resource.inputs["name"] == "platform-deployer"
    )
    return json.loads(role.inputs["assumeRolePolicy"])["Statement"]


def test_the_stack_is_in_the_account_of_the_cluster_after_what_admits_its_pods():
    assert PLATFORM in foundation().stacks[STACK]
    assert foundation().account_of_stack(STACK) == foundation().account_of_stack(PLATFORM)


def test_without_the_setting_there_is_no_such_stack_and_no_pod_is_trusted():
    assert STACK not in foundation(runs=False).stacks
    assert not any("kubernetes" in json.dumps(statement) for statement in deployer("fraud-development", runs=False))


def test_endpoints_of_tooling_admit_deployers_only_where_operations_run():
    def admits_deployers(*, runs):
        endpoints = deployment(runs=runs)["tooling"].all("aws:ec2/vpcEndpoint:VpcEndpoint")
        return {"DeployersOnOurResources" in statements(endpoint) for endpoint in endpoints}

    assert admits_deployers(runs=True) == {True}
    assert admits_deployers(runs=False) == {False}


def test_jobs_run_the_image_of_the_settings_in_the_repository_of_the_platform():
    repository = deployment()["tooling"].exports["platform_repository"]
    assert deployment()["tooling-runner"].exports["image"] == f"{repository}@{RUNNER.image}"


def test_each_resource_uses_the_provider_of_its_own_api():
    built = deployment()["tooling-runner"]
    for package in ("aws", "kubernetes"):
        (provider,) = built.all(f"pulumi:providers:{package}")
        theirs = {resource.provider for resource in built.resources if resource.type.startswith(f"{package}:")}
        assert theirs == {provider.name}


def test_deployers_trust_pods_of_the_accounts_team_and_of_shared_accounts():
    arn = deployment()["tooling-cluster"].exports["cluster_arn"]
    for stack, owner in (("fraud-development", "fraud"), ("tooling", "shared"), ("data-lake", "shared")):
        (trust,) = (statement for statement in deployer(stack) if statement["Sid"] == "AssumedByWorkersOfTheOwner")
        assert trust["Condition"]["StringLike"] == {"aws:PrincipalTag/kubernetes-pod-name": f"{owner}--*"}
        assert trust["Condition"]["StringEquals"]["aws:PrincipalTag/eks-cluster-arn"] == arn
        assert trust["Condition"]["ArnEquals"]["aws:PrincipalArn"] == deployment()["tooling-runner"].exports["role_arn"]


def test_a_preview_before_the_first_deployment_shows_every_resource():
    previewed = Deployment(foundation(), preview=True)["tooling-runner"]
    assert {record.urn for record in previewed.records} == {
        record.urn for record in deployment()["tooling-runner"].records
    }
