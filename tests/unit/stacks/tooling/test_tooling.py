"""The stack of the tooling account: what all use cases share in it."""

import pytest

from settings.organization.packages import PackageSettings
from tests.support.documents import actions, statements
from tests.support.every_stack import (
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.recorder import Record, Recorder

BUCKET = "aws:s3/bucket:Bucket"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"


@pytest.mark.requirement("TOOL-07.a", level="permission")
def test_the_artifact_bucket_admits_roles_of_use_cases_in_their_own_folders_and_nobody_else_writes():
    (bucket,) = [
        resource for resource in example_deployment()["tooling"].all(BUCKET) if "artifacts" in resource.inputs["bucket"]
    ]
    assert bucket.protect
    (policy,) = [
        statements(bucket_policy)
        for bucket_policy in example_deployment()["tooling"].all(BUCKET_POLICY)
        if bucket_policy.inputs["bucket"] == bucket.inputs["bucket"]
    ]
    folder = "/${aws:PrincipalTag/plinth:team}/${aws:PrincipalTag/plinth:use-case}/models/*"
    for sid in ("PipelinesAddModels", "UseCasesReadModels"):
        assert policy[sid]["Resource"].endswith(folder)
        assert policy[sid]["Condition"]["StringEquals"].keys() == {"aws:PrincipalOrgID"}
    assert policy["RefuseOtherWriters"]["Condition"] == {
        "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/plinth/*--*"}
    }


@pytest.mark.requirement("TOOL-07.b")
def test_the_artifact_bucket_keeps_every_version_of_a_model() -> None:
    (versioning,) = [
        resource
        for resource in example_deployment()["tooling"].all(VERSIONING)
        if "artifacts" in resource.inputs["bucket"]
    ]
    assert versioning.inputs["versioningConfiguration"] == {"status": "Enabled"}


@pytest.mark.requirement("AMB-07.a")
def test_only_manifests_of_removed_branches_expire_and_only_if_a_setting_says_when():
    tooling = Deployment(example_foundation(organization=example_organization(branch_manifest_days=400)))["tooling"]
    (rules,) = [
        lifecycle.inputs["rules"]
        for lifecycle in tooling.all(LIFECYCLE)
        if lifecycle.inputs["bucket"].startswith("acme-arti")
    ]
    assert [(rule["filter"], rule.get("expiration")) for rule in rules] == [
        ({"prefix": ""}, None),
        ({"tag": {"key": "retention", "value": "branch-manifest"}}, {"days": 400}),
    ]
    lifecycles = example_deployment()["tooling"].all(LIFECYCLE)
    (unlimited,) = [
        lifecycle.inputs["rules"] for lifecycle in lifecycles if lifecycle.inputs["bucket"].startswith("acme-arti")
    ]
    assert [rule.get("expiration") for rule in unlimited] == [None]


def test_without_a_delivery_the_key_of_the_tooling_account_admits_no_events():
    foundation = example_foundation(teams=[example_team()])
    tooling = Deployment(foundation)["tooling"]
    assert "events.amazonaws.com" not in tooling.one("aws:kms/key:Key").inputs["policy"]


def test_without_the_setting_there_is_no_package_repository_and_no_way_to_one():
    tooling = example_deployment()["tooling"]
    assert not tooling.all("aws:codeartifact/domain:Domain")
    assert not [endpoint for endpoint in tooling.all(ENDPOINT) if "codeartifact" in endpoint.inputs["serviceName"]]
    assert not [action for action in actions(statements(_boundary(tooling))) if action.startswith("codeartifact:")]
    assert "package_domain" not in tooling.exports


@pytest.mark.parametrize("upstream", ["pypi", "none"])
def test_the_setting_creates_a_package_repository_that_builds_reach_by_endpoints(upstream):
    packages = PackageSettings(upstream=upstream)
    deployment = Deployment(example_foundation(organization=example_organization(packages=packages)))
    tooling = deployment["tooling"]
    assert tooling.one("aws:codeartifact/domain:Domain").inputs["domain"] == tooling.exports["package_domain"] == "acme"
    repository = tooling.one("aws:codeartifact/repository:Repository").inputs
    assert ("externalConnections" in repository) == (upstream == "pypi")
    assert (
        len([endpoint for endpoint in tooling.all(ENDPOINT) if "codeartifact" in endpoint.inputs["serviceName"]]) == 2
    )
    assert "codeartifact:ReadFromRepository" in actions(statements(_boundary(tooling)))


def test_a_build_knows_from_where_it_installs():
    organization = example_organization(packages=PackageSettings())
    deployment = Deployment(example_foundation(organization=organization))
    use_case = deployment["fraud--scoring"]
    (project,) = [
        resource
        for resource in use_case.all("aws:codebuild/project:Project")
        if "DEPLOY_FEATURE_BRANCHES" in str(resource.inputs)
    ]
    given = {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in project.inputs["environment"]["environmentVariables"]
    }
    assert (given["PACKAGE_DOMAIN"], given["PACKAGE_REPOSITORY"]) == ("acme", "pypi")
    assert given["PACKAGE_OWNER"] == deployment["tooling"].exports["account_id"]


def _boundary(tooling: Recorder) -> Record:
    return tooling.one("aws:iam/policy:Policy", "boundary")
