"""The promotion pipeline of a use case, as its stack declares it."""

from __future__ import annotations

import json

import pytest

from policies.evaluation.stack_context import stack_context
from settings.team.delivery import DeliverySettings
from settings.team.use_case import UseCaseSettings
from tests.support.documents import statements
from tests.support.every_stack import (
    Deployment,
    example_deployment,
    example_foundation,
    example_organization,
    example_team,
)

STACK = "fraud--scoring"
PIPELINE = "aws:codepipeline/pipeline:Pipeline"
PROJECT = "aws:codebuild/project:Project"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
IMAGES = "aws:ecr/repository:Repository"
TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"


def stages():
    return {stage["name"]: stage for stage in example_deployment()[STACK].one(PIPELINE).inputs["stages"]}


def variables(action):
    listed = json.loads(action["configuration"]["EnvironmentVariables"])
    return {variable["name"]: variable["value"] for variable in listed}


def project(name="fraud--scoring-promotion"):
    projects = example_deployment()[STACK].all(PROJECT)
    return next(resource for resource in projects if resource.inputs["name"] == name)


@pytest.mark.requirement("TOOL-01.b", level="declared")
@pytest.mark.requirement("AMB-05.a")
@pytest.mark.requirement("PROM-02.a", "PROM-04", "PROM-05", "PROM-07", "PROM-08.a", level="permission")
def test_the_order_is_approve_deploy_to_preproduction_test_approve_deploy_to_production():
    order = [(stage, action["name"]) for stage, declaration in stages().items() for action in declaration["actions"]]
    assert order == [
        ("Source", "Source"),
        ("Prepare", "Prepare"),
        ("Review", "Approve"),
        ("Review", "Verify"),
        ("Preproduction", "Deploy"),
        ("Preproduction", "Confirm"),
        ("Preproduction", "Test"),
        ("Preproduction", "Accept"),
        ("Release", "Approve"),
        ("Release", "Verify"),
        ("Production", "Deploy"),
        ("Production", "Confirm"),
    ]
    for stage in stages().values():
        orders = [action.get("runOrder", 1) for action in stage["actions"]]
        assert orders == list(range(1, len(orders) + 1)), "actions of a stage run one after the other"


def test_a_deployment_that_fails_is_rolled_back_and_an_approval_is_not():
    rolled_back = {name for name, stage in stages().items() if stage.get("onFailure") == {"result": "ROLLBACK"}}
    assert rolled_back == {"Preproduction", "Production"}


def test_stages_of_production_are_skipped_if_the_execution_ends_before():
    conditional = {name for name, stage in stages().items() if stage.get("beforeEntry")}
    assert conditional == {"Release", "Production"}
    condition = stages()["Production"]["beforeEntry"]["condition"]
    assert condition["result"] == "SKIP"
    assert condition["rules"][0]["configuration"] == {
        "Variable": "#{variables.Target}",
        "Value": "production",
        "Operator": "EQ",
    }


@pytest.mark.requirement("PRE-01.b", "AMB-16.a", level="declared")
@pytest.mark.parametrize(
    ("placement", "phase", "inference"),
    [("small", "reliable", "batch"), ("large", "scalable", "real-time"), ("large", "reliable", "asynchronous")],
)
def test_no_settings_take_a_version_to_production_past_preproduction(placement, phase, inference):
    case = UseCaseSettings(
        inference=(inference,),
        predicts_on_events=inference == "real-time",
        models_call_aws=True,
        delivery=DeliverySettings(approvers=("ben", "chloe"), feature_branches=True),
    )
    organization = example_organization(phase=phase, placement=placement)
    stack = Deployment(example_foundation(organization=organization, teams=[example_team(use_cases={"scoring": case})]))
    found = stack[STACK].one(PIPELINE).inputs["stages"]
    names = [stage["name"] for stage in found]
    before, after = names.index("Preproduction"), names.index("Production")
    assert before < names.index("Release") < after == len(names) - 1
    assert [action["name"] for action in found[before]["actions"]] == ["Deploy", "Confirm", "Test", "Accept"]
    assert "beforeEntry" not in found[before], "an entry condition could skip the stage"
    assert found[before]["onFailure"] == {"result": "ROLLBACK"}, "any other result could let the execution continue"
    assert all(
        stage["name"] == "Production"
        for stage in found
        for action in stage["actions"]
        if action["configuration"].get("ProjectName", "").endswith("-prod")
    ), "the project of production has its release role"


@pytest.mark.requirement("PROM-09", level="permission")
def test_every_action_after_the_preparation_names_its_plan():
    for stage in ("Review", "Preproduction", "Release", "Production"):
        for action in stages()[stage]["actions"]:
            if action["provider"] == "CodeBuild":
                assert variables(action)["PLAN"] == "#{Prepare.PLAN}"
    assert variables(stages()["Production"]["actions"][0])["ENVIRONMENT"] == "production"


def test_executions_are_queued_so_that_each_deploys_what_it_names():
    assert example_deployment()[STACK].one(PIPELINE).inputs["executionMode"] == "QUEUED"


@pytest.mark.requirement("BR-06")
@pytest.mark.requirement("PROM-01.a", "PROM-01.b", level="permission")
def test_an_approved_version_of_main_and_a_push_to_main_start_the_pipeline():
    rules = {
        rule.inputs["name"]: json.loads(rule.inputs["eventPattern"]) for rule in example_deployment()[STACK].all(RULE)
    }
    approved = rules["fraud--scoring-approved"]["detail"]
    assert approved == {
        "ModelPackageGroupName": ["fraud--scoring-main"],
        "ModelApprovalStatus": ["Approved"],
        "UpdatedModelPackageFields": ["ModelApprovalStatus"],
    }
    assert rules["fraud--scoring-deployment-push"]["detail"]["referenceName"] == ["main"]
    targets = {target.inputs["rule"]: target.inputs for target in example_deployment()[STACK].all(TARGET)}
    (start,) = (role for role in example_deployment()[STACK].all(ROLE) if role.inputs["name"] == "fraud--scoring-start")
    for rule in ("fraud--scoring-approved", "fraud--scoring-deployment-push"):
        assert targets[rule]["roleArn"] == start.computed["arn"]
    template = targets["fraud--scoring-approved"]["inputTransformer"]["inputTemplate"]
    assert json.loads(template) == {"variables": [{"name": "ModelPackage", "value": "<version>"}]}


@pytest.mark.requirement("AMB-12.c")
def test_nothing_in_the_repository_decides_what_the_project_runs_before_the_approval():
    specification = json.loads(project().inputs["source"]["buildspec"])
    (command,) = specification["phases"]["build"]["commands"]
    assert "python -P -m runtime.promotion" in command
    assert project().inputs["source"]["type"] == "CODEPIPELINE"


@pytest.mark.requirement("PROM-02.a")
def test_the_approvers_of_both_stages_are_those_of_the_settings():
    given = {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in project().inputs["environment"]["environmentVariables"]
    }
    assert json.loads(given["APPROVERS"]) == {"Review": ["ben", "chloe"], "Release": ["ben", "chloe"]}
    assert json.loads(given["RELEASE_ROLES"]).keys() == {"preproduction", "production"}


def promoted(**approvers):
    """Returns the stages of the pipeline, and who may approve in them, for approvers in the settings."""
    team = example_team(use_cases={"scoring": UseCaseSettings(delivery=DeliverySettings(**approvers))})
    stack = Deployment(example_foundation(organization=example_organization(promotion_image="1"), teams=[team]))[STACK]
    (project,) = (resource for resource in stack.all(PROJECT) if resource.inputs["name"] == f"{STACK}-promotion")
    given = {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in project.inputs["environment"]["environmentVariables"]
    }
    found = {stage["name"]: stage for stage in stack.one(PIPELINE).inputs["stages"]}
    return found, json.loads(given["APPROVERS"])


@pytest.mark.requirement("PER-12.b")
def test_the_release_to_production_may_have_approvers_of_its_own():
    found, approvers = promoted(approvers=("ben", "chloe"), release_approvers=("chloe", "hana"))
    assert approvers == {"Review": ["ben", "chloe"], "Release": ["chloe", "hana"]}
    assert "Business" not in found


@pytest.mark.requirement("PER-08.a", "PER-09.a", level="permission")
def test_the_business_approves_after_the_tests_and_before_the_release():
    found, approvers = promoted(approvers=("ben", "chloe"), business_approvers=("gina",))
    assert approvers == {"Review": ["ben", "chloe"], "Business": ["gina"], "Release": ["ben", "chloe"]}
    names = list(found)
    assert names[names.index("Preproduction") :] == ["Preproduction", "Business", "Release", "Production"]
    approve, verify = found["Business"]["actions"]
    assert (approve["name"], verify["name"]) == ("BusinessApproval", "Verify"), "policies admit the business by name"
    assert variables(verify)["STAGE"] == "Business"
    assert "#{Prepare.SUMMARY}" in approve["configuration"]["CustomData"], "it has the metrics"
    assert found["Business"]["beforeEntry"] == found["Release"]["beforeEntry"]


def test_the_policies_judge_releases_by_the_settings_of_the_organization_and_the_team():
    given = {
        environment_variable["name"]: environment_variable["value"]
        for environment_variable in project().inputs["environment"]["environmentVariables"]
    }
    settings = json.loads(given["FOUNDATION"])
    context = stack_context(
        "fraud-production", settings["organization"], None, settings["team"], None, project="fraud--scoring"
    )
    assert context.release == "fraud--scoring"
    assert context.allowed_regions == example_organization().regions
    assert context.artifacts == "acme-artifacts-"
    assert context.own_range == "10.1.24.0/21", "the settings of the team cannot be read"
    named = json.loads(settings["team"])["use_cases"].keys()
    assert named == {"scoring"}, "another use case of the team changes the project, and each has all of them"


def test_only_codepipeline_assumes_the_role_that_starts_the_project():
    role = next(
        resource
        for resource in example_deployment()[STACK].all(ROLE)
        if resource.inputs["name"] == "fraud--scoring-promoter"
    )
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "codepipeline.amazonaws.com"}
    assert trust["Condition"]["ArnLike"]["aws:SourceArn"].endswith(":fraud--scoring-promotion")
    policy = next(
        role_policy
        for role_policy in example_deployment()[STACK].all(ROLE_POLICY)
        if role_policy.inputs["role"] == "fraud--scoring-promoter"
    )
    started = [arn.rpartition("/")[2] for arn in statements(policy)["StartActions"]["Resource"]]
    assert started == [f"fraud--scoring-promotion{end}" for end in ("", "-preprod", "-prod")]


@pytest.mark.requirement("PRE-04.a", "PROD-01.c", level="permission")
def test_code_of_the_repository_runs_with_the_role_of_its_environment_only():
    ran = {
        (stage, action["name"]): action["configuration"]["ProjectName"]
        for stage, declaration in stages().items()
        for action in declaration["actions"]
        if action["provider"] == "CodeBuild"
    }
    assert {action: name for action, name in ran.items() if name != "fraud--scoring-promotion"} == {
        ("Preproduction", "Deploy"): "fraud--scoring-promotion-preprod",
        ("Preproduction", "Test"): "fraud--scoring-promotion-preprod",
        ("Production", "Deploy"): "fraud--scoring-promotion-prod",
    }
    for name in set(ran.values()):
        assert project(name).inputs["serviceRole"].endswith(f"/{name}")
    for environment, name in (("preproduction", "preprod"), ("production", "prod")):
        given = project(f"fraud--scoring-promotion-{name}").inputs["environment"]["environmentVariables"]
        roles = json.loads(
            {environment_variable["name"]: environment_variable["value"] for environment_variable in given}[
                "RELEASE_ROLES"
            ]
        )
        assert roles.keys() == {environment}


@pytest.mark.parametrize(
    ("approvers", "phase", "exists"),
    [(("ben", "chloe"), "reliable", True), ((), "reliable", False), (("ben", "chloe"), "repeatable", False)],
)
def test_a_pipeline_exists_with_approvers_and_environments_to_release_to(approvers, phase, exists):
    case = UseCaseSettings(delivery=DeliverySettings(approvers=approvers))
    teams = [example_team(use_cases={"scoring": case})]
    deployment = Deployment(example_foundation(organization=example_organization(phase=phase), teams=teams))
    assert bool(deployment[STACK].all(PIPELINE)) == exists
    assert any("promot" in role.inputs["name"] for role in deployment[STACK].all(ROLE)) == exists


@pytest.mark.requirement("PROM-06.a", "PROM-07")
def test_people_are_told_of_approvals_that_wait_and_of_stages_that_failed():
    stack = example_deployment()[STACK]
    topic = next(resource for resource in stack.all(TOPIC) if resource.inputs["name"] == f"{STACK}-promotions")
    asked = [
        action["configuration"]["NotificationArn"]
        for stage in stages().values()
        for action in stage["actions"]
        if action["category"] == "Approval"
    ]
    assert len(asked) == 2
    assert {arn.rpartition(":")[2] for arn in asked} == {topic.inputs["name"]}
    assert topic.inputs["kmsMasterKeyId"] == example_deployment()["tooling"].exports["key_arn"]
    failed = next(rule for rule in stack.all(RULE) if rule.inputs["name"] == f"{STACK}-promotion-failed")
    assert json.loads(failed.inputs["eventPattern"])["detail"] == {
        "pipeline": [f"{STACK}-promotion"],
        "state": ["FAILED"],
    }
    told = [target.inputs["arn"] for target in stack.all(TARGET) if target.inputs["rule"] == failed.inputs["name"]]
    assert told == asked[:1]


def test_the_owner_of_the_team_is_told_unless_the_settings_name_others():
    def told(**more):
        delivery = DeliverySettings(approvers=("ben", "chloe"), **more)
        team = example_team(use_cases={"scoring": UseCaseSettings(delivery=delivery)})
        stack = Deployment(example_foundation(organization=example_organization(promotion_image="1"), teams=[team]))[
            STACK
        ]
        ours = [
            subscription
            for subscription in stack.all(SUBSCRIPTION)
            if subscription.inputs["topic"].endswith(":fraud--scoring-promotions")
        ]
        return team.owner, [resource.inputs["endpoint"] for resource in ours]

    owner, followers = told()
    assert followers == [owner]
    assert told(notified=("a@acme.example", "b@acme.example"))[1] == ["a@acme.example", "b@acme.example"]
