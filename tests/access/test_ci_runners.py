"""A runner reads the token of its own team, and a job installs packages. Neither may do anything else."""

from __future__ import annotations

import json
from functools import cache

import pytest

from iam_evaluator.evaluation import decide
from iam_evaluator.request import Principal, Request
from settings.organization.cluster.ci_runners import CiTeamSettings
from settings.organization.cluster.tooling_cluster import ClusterSettings
from tests.access.test_stack_worker import WithoutCluster
from tests.access.world.world import World
from tests.support.every_stack import example_foundation, example_organization, example_team
from tests.support.variants import CI, PACKAGES

RUNNER, JOBS = "tooling-ci-fraud", "tooling-ci-fraud-jobs"


@cache
def world() -> World:
    ci = CI.model_copy(update={"teams": {"fraud": CiTeamSettings(), "churn": CiTeamSettings()}})
    organization = example_organization(tooling_cluster=ClusterSettings(ci=ci), **PACKAGES)
    teams = [example_team(), example_team("churn", "10.1.32.0/19")]
    return World(WithoutCluster(example_foundation(organization=organization, teams=teams)))


def role(name: str) -> Principal:
    (found,) = (candidate.principal for candidate in world().roles.values() if candidate.principal.name == name)
    return found


def may(who: str, action: str, arn: str, **extra: str) -> bool:
    resource = world().resources.requested(arn, action, role(who).account.id, {})
    keys = {key.replace("__", ":"): [value] for key, value in extra.items()}
    return decide(Request(principal=role(who), action=action, resource=resource, extra=keys)).allowed


def secret(team: str) -> str:
    return str(world().deployment["tooling-ci"].exports["token_secrets"][team])


def test_a_runner_reads_the_token_of_its_own_team_only() -> None:
    read = "secretsmanager:GetSecretValue"
    assert may(RUNNER, read, secret("fraud"))
    assert not may(RUNNER, read, secret("churn"))
    assert not may(RUNNER, "secretsmanager:PutSecretValue", secret("fraud"))
    key = next(
        resource.inputs["kmsKeyId"]
        for resource in world().deployment["tooling-ci"].all("aws:secretsmanager/secret:Secret")
    )
    caller = {"kms__CallerAccount": role(RUNNER).account.id}
    through = {**caller, "kms__ViaService": "secretsmanager.eu-west-1.amazonaws.com"}
    assert may(RUNNER, "kms:Decrypt", key, **through)
    assert not may(RUNNER, "kms:Decrypt", key, **caller)


@pytest.mark.threat("T-30")
def test_a_job_installs_packages_and_reads_no_token() -> None:
    tooling = world().account("tooling").id
    domain = world().deployment["tooling"].exports["package_domain"]
    place = f"arn:aws:codeartifact:eu-west-1:{tooling}"
    assert may(JOBS, "codeartifact:GetAuthorizationToken", f"{place}:domain/{domain}")
    assert may(JOBS, "codeartifact:ReadFromRepository", f"{place}:repository/{domain}/pypi")
    assert may(JOBS, "sts:GetServiceBearerToken", "*", sts__AWSServiceName="codeartifact.amazonaws.com")
    assert not may(JOBS, "codeartifact:PublishPackageVersion", f"{place}:package/{domain}/pypi/pypi//numpy")
    assert not may(JOBS, "secretsmanager:GetSecretValue", secret("fraud"))
    assert not may(JOBS, "sts:AssumeRole", role(RUNNER).role_arn)


@pytest.mark.threat("T-30")
def test_only_pods_of_one_service_account_in_one_namespace_have_a_role() -> None:
    expected = {
        RUNNER: ("plinth-ci", "fraud"),
        JOBS: ("plinth-ci-fraud", "job"),
        "tooling-ci-churn": ("plinth-ci", "churn"),
        "tooling-ci-churn-jobs": ("plinth-ci-churn", "job"),
    }
    cluster = world().deployment["tooling-cluster"].exports["cluster_arn"]
    for resource in world().deployment["tooling-ci"].all("aws:iam/role:Role"):
        (trust,) = json.loads(resource.inputs["assumeRolePolicy"])["Statement"]
        namespace, account = expected.pop(resource.inputs["name"])
        assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        assert trust["Condition"]["StringEquals"]["aws:RequestTag/kubernetes-namespace"] == namespace
        assert trust["Condition"]["StringEquals"]["aws:RequestTag/kubernetes-service-account"] == account
        assert trust["Condition"]["ArnEquals"] == {"aws:SourceArn": cluster}
    assert expected == {}
