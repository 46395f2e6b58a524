"""The stacks of use cases: repositories, builds, images and models."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from hashlib import sha256

import pytest

from policies.security.rules.delivery.builds import BUILDING_IMAGES
from settings.derived.stack_graph import StackIdentity, stacks_in
from settings.organization.minimum_gate import MinimumGate
from settings.team.delivery import MAX_IMAGES, DeliverySettings
from settings.team.use_case import UseCaseSettings
from settings.types.aws.image_registries import image_registries
from stacks.use_case.context import UseCaseContext
from tests.support.documents import as_list, statements
from tests.support.every_stack import (
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.reuse import resources_of_both

STACK = "fraud--scoring"
REPOSITORY = "aws:codecommit/repository:Repository"
PROJECT = "aws:codebuild/project:Project"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
GROUP = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
GROUP_POLICY = "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy"
IMAGES = "aws:ecr/repository:Repository"
IMAGE_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
ROLE = "aws:iam/role:Role"
PERMISSIONS = "aws:iam/rolePolicy:RolePolicy"
BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"


def use_case():
    return example_deployment()[STACK]


def named(kind, name):
    (found,) = [record for record in use_case().all(kind) if record.inputs["name"] == name]
    return found


def account(kind):
    exports = example_deployment()["fraud" if kind != "tooling" else "organization"].exports
    return exports["accounts"][kind]


def root(kind):
    return f"arn:aws:iam::{account(kind)}:root"


def delivered(**organization):
    """Returns the example with a delivery and the most images."""
    images = tuple(f"image-{number}" for number in range(MAX_IMAGES))
    delivery = DeliverySettings(images=images, approvers=("ben", "chloe"))
    teams = [example_team(use_cases={"scoring": UseCaseSettings(delivery=delivery)})]
    return example_foundation(organization=example_organization(**organization), teams=teams)


def test_only_a_use_case_with_a_delivery_has_a_stack_in_the_tooling_account():
    assert StackIdentity.parse(STACK) == StackIdentity("use-case", "fraud", use_case="scoring")
    stacks = {stack.name: stack for stack in example_foundation().stacks}
    assert stacks[STACK].account_kind == "tooling"
    assert "churn--scoring" not in stacks


@pytest.mark.requirement("ACC-07.a")
def test_a_phase_without_a_tooling_account_has_no_stack_of_a_use_case():
    graph = stacks_in("initial", ["fraud"], use_cases=[("fraud", "scoring")])
    assert not [stack for stack in graph if stack.kind == "use-case"]


def test_the_stack_comes_after_the_accounts_in_which_it_builds():
    needs = {need.name for need in stacks_in("repeatable", ["fraud"], use_cases=[("fraud", "scoring")])[
        StackIdentity("use-case", "fraud", use_case="scoring")
    ]}  # fmt: skip
    # The stack of the team's data has created the LF-tag and the links that the pipelines' role is granted, and that of
    # the lake the key of the queue for events of new data.
    assert needs == {"organization", "tooling", "fraud", "data-lake", "fraud-data", "fraud-development"}
    later = stacks_in("reliable", ["fraud"], use_cases=[("fraud", "scoring")])
    needs_later = {need.name for need in later[StackIdentity("use-case", "fraud", use_case="scoring")]}
    assert needs_later - needs == {"fraud-preproduction", "fraud-production"}


def test_a_use_case_without_a_delivery_cannot_be_built():
    with pytest.raises(ValueError, match="has no delivery"):
        UseCaseContext.of(StackIdentity("use-case", "churn", use_case="scoring"), example_foundation())


@pytest.mark.requirement("TOOL-01.a", "REPO-01", "TOOL-04.a")
def test_a_use_case_has_exactly_two_encrypted_and_protected_repositories():
    found = {record.inputs["repositoryName"]: record for record in use_case().all(REPOSITORY)}
    assert set(found) == {"fraud--scoring-build", "fraud--scoring-deployment"}
    key = example_deployment()["tooling"].exports["key_arn"]
    assert all(record.protect and record.inputs["kmsKeyId"] == key for record in found.values())


@pytest.mark.requirement("CI-01", "AMB-13.a", "TOOL-01.b")
def test_a_push_to_any_branch_starts_the_repositorys_build_of_that_commit():
    pattern = json.loads(named(RULE, "fraud--scoring-push").inputs["eventPattern"])
    assert pattern["resources"] == [f"arn:aws:codecommit:eu-west-1:{account('tooling')}:fraud--scoring-build"]
    assert pattern["detail"] == {"event": ["referenceCreated", "referenceUpdated"], "referenceType": ["branch"]}
    (target,) = [
        resource.inputs for resource in use_case().all(TARGET) if resource.inputs["rule"] == "fraud--scoring-push"
    ]
    assert target["arn"] == f"arn:aws:codebuild:eu-west-1:{account('tooling')}:project/fraud--scoring-build"
    filled = target["inputTransformer"]["inputTemplate"].replace("<commit>", "1a2b3c4").replace("<branch>", "main")
    assert json.loads(filled) == {
        "sourceVersion": "1a2b3c4",
        "environmentVariablesOverride": [{"name": "BRANCH", "type": "PLAINTEXT", "value": "main"}],
    }
    assert named(PROJECT, "fraud--scoring-build").inputs["source"]["buildspec"] == "build_spec.yml"


def test_logs_of_builds_are_kept_as_the_settings_say_and_those_of_promotions_for_ten_years():
    groups = Deployment(delivered(log_retention_days=731))[STACK].all("aws:cloudwatch/logGroup:LogGroup")
    kept = {group.inputs["name"].removeprefix("/aws/codebuild/"): group.inputs["retentionInDays"] for group in groups}
    assert (kept.pop("fraud--scoring-build"), kept.pop("fraud--scoring-images")) == (731, 731)
    assert set(kept.values()) == {3653}


def test_builds_run_in_the_private_network_of_the_tooling_account():
    tooling, network = (
        example_deployment()["tooling"].exports,
        named(PROJECT, "fraud--scoring-build").inputs["vpcConfig"],
    )
    assert network["vpcId"] == tooling["vpc_id"]
    assert network["securityGroupIds"] == [tooling["build_security_group_id"]]
    assert network["subnets"] == tooling["private_subnet_ids"]


def variables(record):
    return {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in record.inputs["environment"]["environmentVariables"]
    }


@pytest.mark.requirement("BR-02.a")
def test_a_build_knows_whether_it_deploys_feature_branches_and_how_long_they_are_kept():
    assert variables(named(PROJECT, "fraud--scoring-build")) == {
        "DEPLOY_FEATURE_BRANCHES": "false",
        "FEATURE_BRANCH_DAYS": "30",
        "IMAGE_PROJECT": "fraud--scoring-images",
    }


def test_the_project_of_images_is_the_only_privileged_one_and_runs_fixed_commands_in_the_private_network():
    privileged = [project for project in use_case().all(PROJECT) if project.inputs["environment"].get("privilegedMode")]
    assert [project.inputs["name"] for project in privileged] == ["fraud--scoring-images"]
    inputs, build = privileged[0].inputs, named(PROJECT, "fraud--scoring-build").inputs
    assert inputs["vpcConfig"] == build["vpcConfig"]
    assert sha256(inputs["source"]["buildspec"].encode()).hexdigest() == BUILDING_IMAGES
    assert inputs["source"]["location"] == build["source"]["location"]
    assert inputs["serviceRole"].endswith(":role/plinth/fraud--scoring-images")


def test_a_project_of_images_knows_the_repositories_and_the_registries_of_aws_that_its_network_reaches():
    tooling, given = example_deployment()["tooling"].exports, variables(named(PROJECT, "fraud--scoring-images"))
    assert given == {
        "REGISTRY": f"{tooling['account_id']}.dkr.ecr.eu-west-1.amazonaws.com",
        "REPOSITORIES": "fraud/scoring",
        "IMAGES": "train",
        "BASE_ACCOUNTS": ",".join(image_registries("eu-west-1")),
    }
    assert "763104351884" in given["BASE_ACCOUNTS"].split(",")


def test_a_use_case_without_image_repositories_has_no_privileged_project_and_no_role_for_one():
    teams = [example_team(use_cases={"scoring": UseCaseSettings(delivery=DeliverySettings())})]
    stack = Deployment(example_foundation(teams=teams))[STACK]
    assert [project.inputs["name"] for project in stack.all(PROJECT)] == ["fraud--scoring-build"]
    assert "IMAGE_PROJECT" not in variables(stack.one(PROJECT))
    assert "fraud--scoring-images" not in {role.inputs["name"] for role in stack.all(ROLE)}


@pytest.mark.requirement("BR-07", "BR-02.b")
def test_a_use_case_that_deploys_feature_branches_removes_unused_ones_every_day():
    delivery = DeliverySettings(feature_branches=True, feature_branch_days=14)
    teams = [example_team(use_cases={"scoring": UseCaseSettings(delivery=delivery)})]
    stack = Deployment(example_foundation(teams=teams))[STACK]
    assert variables(stack.one(PROJECT)) == {"DEPLOY_FEATURE_BRANCHES": "true", "FEATURE_BRANCH_DAYS": "14"}
    (rule,) = [resource for resource in stack.all(RULE) if "scheduleExpression" in resource.inputs]
    assert (rule.inputs["name"], rule.inputs["scheduleExpression"]) == ("fraud--scoring-clean-up", "rate(1 day)")
    (target,) = [resource.inputs for resource in stack.all(TARGET) if resource.inputs["rule"] == rule.inputs["name"]]
    assert target["arn"] == f"arn:aws:codebuild:eu-west-1:{account('tooling')}:project/fraud--scoring-build"
    started = json.loads(target["input"])
    assert started["sourceVersion"] == "main"
    given = {variable["name"]: variable["value"] for variable in started["environmentVariablesOverride"]}
    assert given == {"BRANCH": "main", "TASK": "clean-up"}


@pytest.mark.requirement("TOOL-02.a", "TOOL-02.b", "BR-06", "AMB-06.a")
def test_development_registers_pending_versions_and_only_models_of_main_are_readable_elsewhere():
    policies = {record.inputs["modelPackageGroupName"]: statements(record, "resourcePolicy") for record in
                use_case().all(GROUP_POLICY)}  # fmt: skip
    assert set(policies) == {"fraud--scoring-main", "fraud--scoring-develop"}
    for registers in (policy["PipelineRegisters"] for policy in policies.values()):
        assert registers["Principal"] == {"AWS": root("development")}
        assert registers["Condition"]["StringEquals"]["sagemaker:ModelApprovalStatus"] == "PendingManualApproval"
        role = f"arn:aws:iam::{account('development')}:role/plinth/fraud--scoring-dev-pipeline"
        assert registers["Condition"]["ArnEquals"] == {"aws:PrincipalArn": role}
    reading = policies["fraud--scoring-main"]["EnvironmentsRead"]
    assert set(reading["Principal"]["AWS"]) == {root("preproduction"), root("production")}
    assert not [action for action in reading["Action"] if "Update" in action or "Delete" in action]
    assert "EnvironmentsRead" not in policies["fraud--scoring-develop"]


def test_a_phase_without_production_shares_models_with_nobody_else():
    deployment = Deployment(delivered(phase="repeatable"))
    (main,) = [
        statements(record, "resourcePolicy")
        for record in deployment[STACK].all(GROUP_POLICY)
        if record.inputs["modelPackageGroupName"].endswith("-main")
    ]
    assert set(main) == {"PipelineRegisters", "PipelineSeesVersions"}
    roles = {record.inputs["name"] for record in deployment[STACK].all(ROLE)}
    assert not [name for name in roles if name.endswith(("-promotion", "-release", "-serving"))]


@pytest.mark.requirement("TOOL-02.b", "TOOL-03.c", level="permission")
@pytest.mark.parametrize("placement", ["small", "medium", "large"])
def test_the_accounts_to_which_models_are_released_are_those_that_read_models_and_images(placement):
    deployment = Deployment(delivered(placement=placement))
    exports = deployment["fraud"].exports["accounts"]
    released_to = {f"arn:aws:iam::{exports[environment]}:root" for environment in ("preproduction", "production")}
    pulling = statements(next(iter(deployment[STACK].all(IMAGE_POLICY))))["EnvironmentsPull"]["Principal"]["AWS"]
    main = next(
        statements(record, "resourcePolicy")
        for record in deployment[STACK].all(GROUP_POLICY)
        if record.inputs["modelPackageGroupName"].endswith("-main")
    )
    development = f"arn:aws:iam::{exports['development']}:root"
    assert set(as_list(main["EnvironmentsRead"]["Principal"]["AWS"])) == released_to
    assert set(as_list(pulling)) == {development, *released_to}


@pytest.mark.requirement("TOOL-03.a")
@pytest.mark.threat("T-22")
def test_images_are_immutable_and_scanned_and_the_teams_environments_only_pull():
    images = use_case().one(IMAGES)
    assert images.inputs["name"] == "fraud/scoring/train"
    assert images.inputs["imageTagMutability"] == "IMMUTABLE"
    assert images.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
    pull = statements(use_case().one(IMAGE_POLICY))["EnvironmentsPull"]
    assert set(pull["Principal"]["AWS"]) == {root("development"), root("preproduction"), root("production")}
    assert not [action for action in pull["Action"] if "Put" in action or "Upload" in action]


@pytest.mark.requirement("TOOL-06.a", level="permission")
def test_each_role_is_in_the_account_in_which_it_works():
    by_provider = {record.inputs["name"]: record.provider for record in use_case().all(ROLE)}
    assert by_provider == {
        "fraud--scoring-contributor": "tooling",
        "fraud--scoring-images": "tooling",
        "fraud--scoring-integration": "tooling",
        "fraud--scoring-start": "tooling",
        "fraud--scoring-dev-operator": "fraud-development",
        "fraud--scoring-dev-pipeline": "fraud-development",
        "fraud--scoring-promotion": "tooling",
        "fraud--scoring-promotion-preprod": "tooling",
        "fraud--scoring-promotion-prod": "tooling",
        "fraud--scoring-promoter": "tooling",
        "fraud--scoring-preprod-monitoring": "fraud-preproduction",
        "fraud--scoring-preprod-predict": "fraud-preproduction",
        "fraud--scoring-preprod-release": "fraud-preproduction",
        "fraud--scoring-preprod-serving": "fraud-preproduction",
        "fraud--scoring-preprod-start-monitor": "fraud-preproduction",
        "fraud--scoring-prod-monitoring": "fraud-production",
        "fraud--scoring-prod-predict": "fraud-production",
        "fraud--scoring-prod-release": "fraud-production",
        "fraud--scoring-prod-serving": "fraud-production",
        "fraud--scoring-prod-start-monitor": "fraud-production",
    }


def test_models_are_served_with_the_key_of_the_registry_and_that_of_the_environment():
    deployment = example_deployment()
    policies = {record.inputs["role"]: statements(record) for record in use_case().all(PERMISSIONS)}
    for role, environment in (("preprod", "preproduction"), ("prod", "production")):
        policy = policies[f"fraud--scoring-{role}-serving"]
        assert policy["UseTheKeyOfTheRegistry"]["Resource"] == deployment["tooling"].exports["key_arn"]
        assert policy["UseTheKey"]["Resource"] == deployment[f"fraud-{environment}"].exports["key_arn"]


def test_the_deployer_of_tooling_may_pass_every_role_of_a_use_case_that_services_assume():
    passing = [
        pattern
        for record in example_deployment()["tooling"].all(PERMISSIONS)
        for statement in statements(record).values()
        if as_list(statement["Action"]) == ["iam:PassRole"]
        for pattern in as_list(statement["Resource"])
    ]
    roles = [
        record.computed["arn"]
        for record in use_case().all(ROLE)
        if record.provider == "tooling" and '"Service"' in record.inputs["assumeRolePolicy"]
    ]
    assert [arn for arn in roles if not any(fnmatchcase(arn, pattern) for pattern in passing)] == []


@pytest.mark.requirement("TR-06")
def test_the_stack_gives_projects_the_stricter_of_both_minimum_gates():
    gates = {"f1": MinimumGate(at_least=0.8), "rmse": MinimumGate(at_most=70.0)}
    delivery = DeliverySettings(minimum_gates={"f1": MinimumGate(at_least=0.9)})
    teams = [example_team(use_cases={"scoring": UseCaseSettings(delivery=delivery)})]
    deployment = Deployment(example_foundation(organization=example_organization(minimum_gates=gates), teams=teams))
    assert deployment[STACK].exports["minimum_gates"] == {"f1": {"at_least": 0.9}, "rmse": {"at_most": 70.0}}
    assert example_deployment()[STACK].exports["minimum_gates"] == {}


@pytest.mark.parametrize("placement", ["small", "medium", "large"])
def test_a_stack_of_a_use_case_stays_below_the_limit_of_resources_with_the_most_images(placement):
    records = Deployment(delivered(placement=placement))[STACK].records
    assert len(records) < 150
    assert len({record.name for record in records if re.match("aws:ecr/repository:", record.type)}) == MAX_IMAGES


def test_alarms_of_an_environment_are_encrypted_with_its_key():
    topics = {
        topic.inputs["name"]: topic.inputs
        for topic in example_deployment()["fraud--scoring"].all("aws:sns/topic:Topic")
    }
    for name, environment in (("preprod", "preproduction"), ("prod", "production")):
        key = example_deployment()[f"fraud-{environment}"].exports["key_arn"]
        assert topics[f"fraud--scoring-{name}-alarms"]["kmsMasterKeyId"] == key


@pytest.mark.requirement("COST-03")
def test_a_second_use_case_with_the_same_settings_differs_from_the_first_in_its_name_only():
    first, second = resources_of_both()
    assert len(first) > 100
    assert second == first
