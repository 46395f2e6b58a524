"""The build project of requests runs one image with fixed commands, one build at a time."""

import json

import pytest

from components.governance.request_events import DETAIL_TYPE, SOURCE, RequestEvents, RequestEventsArgs
from components.governance.request_runner import RequestRunner, RequestRunnerArgs
from components.identity.deployer.platform_provisioner import PlatformProvisioner, PlatformProvisionerArgs
from selfservice.durable.serializer import KEY_VARIABLE
from selfservice.durable.workflow import URL_VARIABLE
from settings.types.aws.request_builds import WORKFLOWS_KEY_VARIABLE, WORKFLOWS_URL_VARIABLE
from tests.support.documents import actions, as_list, statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import REGION, TOOLING

ACCOUNT = TOOLING
PROJECT = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/plinth-requests"
STREAM = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/plinth-catalog/stream/2026-11-27T00:00:00.000"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/plinth@sha256:{'a' * 64}"
RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"


def runner(**changes):
    args = {
        "clone_url": f"https://git-codecommit.{REGION}.amazonaws.com/v1/repos/plinth-settings",
        "image": IMAGE,
        "compute_type": "BUILD_GENERAL1_MEDIUM",
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/plinth/platform-runner",
        "key_arn": KEY,
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "security_group_id": "sg-1",
        "variables": {"PLINTH_TASK": "requests"},
        "timeout_minutes": 480,
        "log_retention_days": 365,
    }
    return RequestRunner("requests", RequestRunnerArgs(**{**args, **changes}))


def events(**changes):
    args = {
        "project_arn": PROJECT,
        "stream_arn": STREAM,
        "key_arn": KEY,
        "account_id": ACCOUNT,
        "organization_id": "o-acme",
        "region": REGION,
        "interval_minutes": 30,
        "drift_hour": 3,
    }
    return RequestEvents("request-events", RequestEventsArgs(**{**args, **changes}))


@pytest.mark.parametrize("preview", [False, True])
def test_a_build_runs_one_image_with_commands_that_no_commit_changes(preview):
    recorder = deploy(runner, preview=preview)
    project = recorder.one("aws:codebuild/project:Project").inputs
    assert project["environment"]["image"] == IMAGE
    assert project["environment"]["imagePullCredentialsType"] == "SERVICE_ROLE"
    assert not project["environment"].get("privilegedMode")
    commands = json.loads(project["source"]["buildspec"])["phases"]["build"]["commands"]
    assert commands == ["python -P -m selfservice.hosting.build"]
    assert project["concurrentBuildLimit"] == 1
    assert project["vpcConfig"]["subnets"] == ["subnet-1", "subnet-2"]
    assert recorder.one("aws:cloudwatch/logGroup:LogGroup").inputs["kmsKeyId"] == KEY


def test_what_a_secret_contains_is_named_and_not_known_to_the_project():
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:plinth/workflows-a1B2c3"
    recorder = deploy(lambda: runner(secrets={WORKFLOWS_URL_VARIABLE: f"{secret}:url"}))
    variables = recorder.one("aws:codebuild/project:Project").inputs["environment"]["environmentVariables"]
    assert {"name": WORKFLOWS_URL_VARIABLE, "value": f"{secret}:url", "type": "SECRETS_MANAGER"} in variables


def test_variables_are_those_that_workflows_read():
    assert (WORKFLOWS_URL_VARIABLE, WORKFLOWS_KEY_VARIABLE) == (URL_VARIABLE, KEY_VARIABLE)


def test_a_time_limit_that_codebuild_refuses_is_refused():
    with pytest.raises(ValueError, match="timeout_minutes: 2161 is out of range"):
        deploy(lambda: runner(timeout_minutes=2161))


@pytest.mark.parametrize("preview", [False, True])
def test_the_pipe_publishes_the_keys_of_what_people_write_and_no_text(preview):
    recorder = deploy(events, preview=preview)
    pipe = recorder.one("aws:pipes/pipe:Pipe").inputs
    assert (pipe["source"], pipe["target"]) == (STREAM, f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default")
    (filter_,) = pipe["sourceParameters"]["filterCriteria"]["filters"]
    assert json.loads(filter_["pattern"])["dynamodb"]["Keys"] == {"pk": {"S": [{"prefix": "person#"}]}}
    assert json.loads(pipe["targetParameters"]["inputTemplate"]) == {"item": "<$.dynamodb.Keys.sk.S>"}
    rules = {record.inputs["name"]: record.inputs for record in recorder.all(RULE)}
    pattern = json.loads(rules["plinth-requests-changes"]["eventPattern"])
    assert pattern == {"source": [SOURCE], "detail-type": [DETAIL_TYPE]}
    assert rules["plinth-requests-schedule"]["scheduleExpression"] == "rate(30 minutes)"
    assert rules["plinth-requests-drift"]["scheduleExpression"] == "cron(0 3 * * ? *)"


def test_only_the_daily_build_looks_for_drift():
    variables = {
        record.inputs["rule"]: json.loads(record.inputs["input"])["environmentVariablesOverride"]
        for record in deploy(events).all(TARGET)
    }
    assert variables == {
        "plinth-requests-changes": [],
        "plinth-requests-schedule": [],
        "plinth-requests-drift": [{"name": "PLINTH_TASK", "type": "PLAINTEXT", "value": "drift"}],
    }
    without = deploy(lambda: events(drift_hour=None))
    assert {record.inputs["rule"] for record in without.all(TARGET)} == variables.keys() - {"plinth-requests-drift"}


def test_each_role_is_for_one_service_and_the_starter_starts_this_project_only():
    recorder = deploy(events)
    sources = {}
    for role in recorder.all("aws:iam/role:Role"):
        (trust,) = statements(role, "assumeRolePolicy").values()
        sources[trust["Principal"]["Service"]] = trust["Condition"]["ArnLike"]["aws:SourceArn"]
    assert sources == {
        "events.amazonaws.com": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/plinth-requests-*",
        "pipes.amazonaws.com": f"arn:aws:pipes:{REGION}:{ACCOUNT}:pipe/plinth-requests",
    }
    granted = {
        role_policy.name: statements(role_policy) for role_policy in recorder.all("aws:iam/rolePolicy:RolePolicy")
    }
    (start,) = granted["request-events-start-role-permissions"].values()
    assert (start["Action"], start["Resource"]) == ("codebuild:StartBuild", PROJECT)
    assert not [action for action in actions(granted["request-events-pipe-role-permissions"]) if "codebuild" in action]


def test_an_interval_that_eventbridge_refuses_is_refused():
    with pytest.raises(ValueError, match="interval_minutes: 1 is too short"):
        deploy(lambda: events(interval_minutes=1))


def provisioner():
    args = PlatformProvisionerArgs(
        hosts=["organization"],
        account_id="123456789012",
        organization_id="o-acme",
        governance_account_id=ACCOUNT,
        regions=["eu-west-1", "us-east-1"],
        state_bucket="acme-states",
        state_keys=[KEY],
    )
    return PlatformProvisioner("provisioner", args, None)


def test_the_provisioner_changes_teams_and_no_guardrail_role_or_permission_set():
    recorder = deploy(provisioner)
    granted = statements(recorder.one("aws:iam/rolePolicy:RolePolicy"))
    changing = {
        action
        for action in actions(granted)
        if not action.partition(":")[2].startswith(("Describe", "Get", "List", "View", "Search", "Is", "BatchGet"))
    }
    assert {action for action in changing if action.startswith(("iam:", "sso:"))} == {
        "sso:CreateAccountAssignment", "sso:CreateApplicationAssignment",
        "sso:DeleteAccountAssignment", "sso:DeleteApplicationAssignment",
    }  # fmt: skip
    assert changing.isdisjoint({"organizations:DetachPolicy", "organizations:UpdatePolicy"})
    guarding = as_list(granted["GuardAccounts"]["Resource"])
    assert not [resource for resource in guarding if ":ou/" in resource or ":root/" in resource or resource == "*"]
    trust = statements(recorder.one("aws:iam/role:Role"), "assumeRolePolicy")
    (admitted,) = trust.values()
    runner_arn = f"arn:aws:iam::{ACCOUNT}:role/plinth/platform-runner"
    assert admitted["Condition"]["ArnEquals"]["aws:PrincipalArn"] == runner_arn
