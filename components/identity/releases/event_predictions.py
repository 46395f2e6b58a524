"""Permissions of predictions on events: rules of releases, answers of the function, and the tests of both."""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, send_events
from settings.types.kinds import ReleasedTo

ANSWERS = "answers"
"""Last part of the name of the queue for answers."""
FAILED_EVENTS = "event-failures"
"""Last part of the name of the dead-letter queue for events that were not answered."""


def change_rules(case: UseCase, environment: ReleasedTo, account_id: pulumi.Input[str]) -> list[Statement]:
    """Allows changing the rules of the use case. They invoke its functions and send to its queues only."""
    rules = case.arns_in(environment, "events", account_id, "rule/")
    targets = [
        *case.arns_in(environment, "lambda", account_id, "function:"),
        case.arn("sqs", account_id, f"{case.prefix_in(environment)}-{ANSWERS}"),
    ]
    return [
        Statement(
            sid="ChangeRulesOfPredictions",
            actions=[
                "events:DeleteRule",
                "events:DescribeRule",
                "events:ListTagsForResource",
                "events:ListTargetsByRule",
                "events:PutRule",
                "events:RemoveTargets",
                "events:TagResource",
                "events:UntagResource",
            ],
            resources=rules,
        ),
        Statement(
            sid="PredictByRules",
            actions=["events:PutTargets"],
            resources=rules,
            # A request has several targets. Without any, ForAllValues alone would be true.
            conditions={
                "ForAllValues:ArnLike": {"events:TargetArn": targets},
                "Null": {"events:TargetArn": "false"},
            },
        ),
    ]


def answer_events(case: UseCase, environment: ReleasedTo, account_id: pulumi.Input[str]) -> list[Statement]:
    """Allows answering with events, and leaving failed events in the dead-letter queue."""
    return [
        send_events(case, account_id, "AnswerWithEvents"),
        Statement(
            sid="KeepFailedEvents",
            actions=["sqs:SendMessage"],
            resources=[case.arn("sqs", account_id, f"{case.prefix_in(environment)}-{FAILED_EVENTS}")],
        ),
    ]


def test_predictions(case: UseCase, environment: ReleasedTo, account_id: pulumi.Input[str]) -> list[Statement]:
    """Allows tests to send an event and to take its answer from the queue."""
    return [
        send_events(case, account_id, "AskWithEvents"),
        Statement(
            sid="TakeAnswers",
            actions=["sqs:DeleteMessage", "sqs:ReceiveMessage"],
            resources=[case.arn("sqs", account_id, f"{case.prefix_in(environment)}-{ANSWERS}")],
        ),
    ]
