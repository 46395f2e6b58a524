"""Tests of the stack of a use case for batch inference: roles, permissions of releases, and queues."""

from __future__ import annotations

import json
from functools import cache

import pytest

from settings.data.intake import Intake
from settings.derived.sharing import result_writing_roles
from settings.team.delivery import DeliverySettings
from settings.team.team import EnvironmentSettings
from settings.team.use_case import UseCaseSettings
from settings.types.errors import SettingsError
from tests.support.documents import statements
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team

STACK = "fraud--scoring"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
QUEUE = "aws:sqs/queue:Queue"
NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC = "aws:sns/topic:Topic"
BATCH_ROLES = {f"{STACK}-{place}-{role}" for place in ("preprod", "prod") for role in ("pipeline", "start-batch")}
REAL_TIME_ROLES = {f"{STACK}-{place}-predict" for place in ("preprod", "prod")}


def team(*inference):
    delivery = DeliverySettings(approvers=("ben", "chloe"))
    return example_team(use_cases={"scoring": UseCaseSettings(inference=inference, delivery=delivery)})


@cache
def deployment(*inference):
    organization = example_organization(promotion_image="1")
    return Deployment(example_foundation(organization=organization, teams=[team(*inference)]))


def stack(*inference):
    return deployment(*inference)[STACK]


def names(kind, *inference):
    return {resource.inputs["name"] for resource in stack(*inference).all(kind)}


def release(environment, *inference):
    """Returns the permissions of releases to an environment, by action."""
    role = f"{STACK}-{environment}-release"
    policy = next(
        role_policy for role_policy in stack(*inference).all(ROLE_POLICY) if role_policy.inputs["role"] == role
    )
    found = {}
    for statement in statements(policy).values():
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            found.setdefault(action, []).append(statement)
    return found


@pytest.mark.requirement("BI-01", level="permission")
@pytest.mark.parametrize(
    ("inference", "present", "absent"),
    [
        (("real-time",), REAL_TIME_ROLES, BATCH_ROLES),
        (("asynchronous",), REAL_TIME_ROLES, BATCH_ROLES),
        (("batch",), BATCH_ROLES, REAL_TIME_ROLES),
        (("real-time", "batch"), BATCH_ROLES | REAL_TIME_ROLES, set()),
    ],
)
def test_a_use_case_has_the_roles_of_its_ways_of_inference_only(inference, present, absent):
    found = names(ROLE, *inference)
    assert present <= found
    assert not absent & found


def test_releases_have_the_permissions_of_their_ways_of_inference_only():
    batch, real_time = (release("prod", inference).keys() for inference in ("batch", "real-time"))
    assert {"sagemaker:CreatePipeline", "events:PutRule", "sagemaker:CreateModel"} <= batch
    assert not {"sagemaker:CreateEndpoint", "apigateway:PUT", "sagemaker:InvokeEndpoint"} & batch
    assert "sagemaker:CreatePipeline" not in real_time
    # Only requests that an endpoint answers at once are captured, and compared on a schedule.
    rules = {action for action in real_time if action.startswith("events:")}
    assert "events:PutRule" in rules
    assert release("prod", "asynchronous").keys() == real_time - rules


def test_only_releases_to_preproduction_run_test_inputs():
    tests = {"s3:PutObject", "s3:GetObject", "lambda:InvokeFunction"}
    assert tests <= release("preprod", "batch").keys()
    assert not tests & release("prod", "batch").keys()
    (write,) = release("preprod", "batch")["s3:PutObject"]
    assert write["Resource"].endswith("/scoring/*/input/*")


def test_rules_of_a_release_invoke_functions_of_the_use_case_only():
    (targets,) = release("prod", "batch")["events:PutTargets"]
    assert targets["Resource"].endswith(f":rule/{STACK}-prod*")
    wanted = targets["Condition"]["ForAllValues:ArnLike"]["events:TargetArn"]
    assert wanted.endswith(f":function:{STACK}-prod*")
    assert targets["Condition"]["Null"] == {"events:TargetArn": "false"}


@pytest.mark.requirement("INT-09.b")
def test_events_that_start_no_run_are_kept_in_a_queue_of_their_environment():
    queues = {resource.inputs["name"]: resource.inputs for resource in stack("batch").all(QUEUE)}
    for environment in ("preprod", "prod"):
        queue = queues[f"{STACK}-{environment}-start-failures"]
        assert queue["kmsMasterKeyId"].startswith("arn:aws:kms:")
        assert queue["messageRetentionSeconds"] == 14 * 24 * 3600
    assert not [name for name in names(QUEUE, "real-time") if name.endswith("-start-failures")]


def failures(resource, environment, *inference):
    """Returns what tells of failures in an environment, by the name without its prefix."""
    prefix = f"{STACK}-{environment}-"
    found = stack(*inference).all(resource)
    return {
        record.inputs["name"].removeprefix(prefix): record.inputs
        for record in found
        if record.inputs["name"].startswith(prefix)
    }


@pytest.mark.requirement("INT-09.b")
@pytest.mark.parametrize("environment", ["preprod", "prod"])
def test_failed_runs_steps_and_starts_are_told_to_the_topic_of_the_use_case(environment):
    rules = failures(RULE, environment, "batch")
    patterns = {name: json.loads(rule["eventPattern"]) for name, rule in rules.items()}
    assert patterns.keys() == {"step-failed", "run-failed"}
    for pattern in patterns.values():
        (pipeline,) = pattern["detail"]["pipelineArn"]
        assert pipeline.endswith(f":pipeline/{STACK}-{environment}-inference")
    (topic,) = {
        resource.computed["arn"]
        for resource in stack("batch").all(TOPIC)
        if f"-{environment}-" in resource.inputs["name"]
    }
    told = [target.inputs for target in stack("batch").all(TARGET) if target.inputs["arn"] == topic]
    assert len(told) == 2
    assert all("start-failures" in target["deadLetterConfig"]["arn"] for target in told)
    alarms = failures(ALARM, environment, "batch")
    assert {name: alarm["metricName"] for name, alarm in alarms.items()} == {
        "start-errors": "Errors",
        "start-failures": "ApproximateNumberOfMessagesVisible",
    }
    assert all(alarm["alarmActions"] == [topic] for alarm in alarms.values())
    assert alarms["start-errors"]["dimensions"] == {"FunctionName": f"{STACK}-{environment}-start-batch"}


@pytest.mark.parametrize("environment", ["preprod", "prod"])
def test_only_an_endpoint_that_answers_at_once_has_a_queue_for_comparisons_that_did_not_start(environment):
    def queues(inference):
        return {name for name in names(QUEUE, inference) if f"-{environment}-" in name}

    assert queues("real-time") == {f"{STACK}-{environment}-monitor-failures"}
    assert not queues("asynchronous")
    assert not failures(RULE, environment, "real-time")
    assert not failures(ALARM, environment, "real-time")


@pytest.mark.requirement("INT-09.b")
def test_failed_intakes_are_told_where_they_fill_inputs():
    machine, queue = "fraud-production-intake-daily", "fraud-production-intake-dead-letters"
    intake = Intake(use_case="scoring", dataset="cards", part="inference", schedule="rate(1 day)", batch_inference=True)
    production = EnvironmentSettings(team="fraud", environment="production", intake={"daily": intake})
    organization = example_organization(promotion_image="1")
    found = Deployment(example_foundation(production, organization=organization, teams=[team("batch")]))[STACK]
    (rule,) = [resource for resource in found.all(RULE) if resource.inputs["name"].endswith("-intake-failed")]
    assert rule.inputs["name"] == f"{STACK}-prod-intake-failed"
    detail = json.loads(rule.inputs["eventPattern"])["detail"]
    (arn,) = detail["stateMachineArn"]
    assert arn.endswith(f":stateMachine:{machine}")
    assert set(detail["status"]) == {"FAILED", "TIMED_OUT", "ABORTED"}
    (alarm,) = [resource for resource in found.all(ALARM) if resource.inputs["name"].endswith("-intake-failures")]
    assert alarm.inputs["dimensions"] == {"QueueName": queue}


@pytest.mark.requirement("BI-07.b", level="permission")
@pytest.mark.parametrize("environment", ["fraud-preproduction", "fraud-production"])
def test_the_bucket_of_inputs_sends_events_if_models_predict_in_batches(environment):
    (notification,) = deployment("batch")[environment].all(NOTIFICATION)
    assert notification.inputs["eventbridge"] is True
    assert "ml-" in notification.inputs["bucket"]
    assert not deployment("real-time")[environment].all(NOTIFICATION)


@pytest.mark.requirement("INT-08.a")
def test_pipelines_of_batch_inference_return_results_to_the_lake():
    role = f"{STACK}-prod-pipeline"
    assert role in result_writing_roles(team("batch"), "production")
    assert role not in result_writing_roles(team("real-time"), "production")


@pytest.mark.parametrize(
    ("inference", "said"), [((), "is empty"), (("batch", "batch"), "lists a way of inference twice")]
)
def test_ways_of_inference_are_named_once(inference, said):
    with pytest.raises((SettingsError, ValueError), match=said):
        UseCaseSettings(inference=inference)
