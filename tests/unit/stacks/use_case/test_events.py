"""Tests of the stack of a use case for predictions on events: queues, and permissions of functions and rules."""

from __future__ import annotations

from functools import cache

import pytest

from settings.team.delivery import DeliverySettings
from settings.team.use_case import UseCaseSettings
from tests.support.documents import as_list, statements
from tests.support.every_stack import Deployment, example_foundation, example_organization, example_team

STACK = "fraud--scoring"
QUEUE, ROLE_POLICY = "aws:sqs/queue:Queue", "aws:iam/rolePolicy:RolePolicy"
ENVIRONMENTS = ("preprod", "prod")


@cache
def stack(predicts_on_events=True):
    settings = UseCaseSettings(
        predicts_on_events=predicts_on_events, delivery=DeliverySettings(approvers=("ben", "chloe"))
    )
    organization = example_organization(promotion_image="1")
    team = example_team(use_cases={"scoring": settings})
    return Deployment(example_foundation(organization=organization, teams=[team]))[STACK]


def permissions(role, predicts_on_events=True):
    """Returns the statements of a role by each action."""
    policy = next(
        role_policy for role_policy in stack(predicts_on_events).all(ROLE_POLICY) if role_policy.inputs["role"] == role
    )
    found = {}
    for statement in statements(policy).values():
        for action in as_list(statement["Action"]):
            found.setdefault(action, []).append(statement)
    return found


@pytest.mark.requirement("INT-09.b")
def test_answers_and_failures_have_encrypted_queues_to_which_rules_of_the_use_case_send():
    queues = {queue.inputs["name"]: queue.inputs for queue in stack().all(QUEUE)}
    policies = {
        queue_policy.inputs["queueUrl"]: statements(queue_policy)
        for queue_policy in stack().all("aws:sqs/queuePolicy:QueuePolicy")
    }
    for environment in ENVIRONMENTS:
        for suffix in ("answers", "event-failures"):
            name = f"{STACK}-{environment}-{suffix}"
            assert queues[name]["kmsMasterKeyId"].startswith("arn:aws:kms:")
            (policy,) = [candidate for url, candidate in policies.items() if url.endswith(f"/{name}")]
            sender = policy["RulesSend"]["Condition"]["ArnLike"]["aws:SourceArn"]
            assert sender.endswith(f":rule/{STACK}-{environment}-*")


def test_without_the_setting_there_are_neither_queues_nor_permissions():
    assert not [
        queue for queue in stack(False).all(QUEUE) if queue.inputs["name"].endswith(("-answers", "-event-failures"))
    ]
    for environment in ENVIRONMENTS:
        release = permissions(f"{STACK}-{environment}-release", False)
        assert "events:PutEvents" not in release
        (targets,) = release["events:PutTargets"]
        assert "sqs" not in str(targets["Condition"])
        assert "events:PutEvents" not in permissions(f"{STACK}-{environment}-predict", False)


@pytest.mark.requirement("RT-03", level="permission")
def test_the_function_sends_events_of_the_use_case_only():
    found = permissions(f"{STACK}-prod-predict")
    (send,) = found["events:PutEvents"]
    assert send["Condition"] == {
        "ForAllValues:StringEquals": {"events:source": "fraud.scoring"},
        "Null": {"events:source": "false"},
    }
    assert send["Resource"].endswith(":event-bus/default")
    (keep,) = found["sqs:SendMessage"]
    assert keep["Resource"].endswith(f":{STACK}-prod-event-failures")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_rules_of_a_release_reach_functions_and_answers_of_the_use_case_only(environment):
    found = permissions(f"{STACK}-{environment}-release")
    (targets,) = found["events:PutTargets"]
    assert [arn.rpartition(":")[2] for arn in targets["Condition"]["ForAllValues:ArnLike"]["events:TargetArn"]] == [
        f"{STACK}-{environment}*",
        f"{STACK}-{environment}-answers",
    ]
    assert targets["Condition"]["Null"] == {"events:TargetArn": "false"}
    (rules,) = found["events:PutRule"]
    assert rules["Resource"].endswith(f":rule/{STACK}-{environment}*")


def test_only_tests_in_preproduction_ask_with_events_and_take_answers():
    assert {"events:PutEvents", "sqs:ReceiveMessage"} <= permissions(f"{STACK}-preprod-release").keys()
    assert not {"events:PutEvents", "sqs:ReceiveMessage"} & permissions(f"{STACK}-prod-release").keys()
