"""The schedule that removes unused feature branches."""

import json

from components.delivery.clean_up_schedule import CleanUpSchedule, CleanUpScheduleArgs
from tests.support.recorder import deploy
from tests.unit.components.identifiers import REGION, TOOLING

PROJECT = f"arn:aws:codebuild:{REGION}:{TOOLING}:project/fraud--scoring-build"
ROLE = f"arn:aws:iam::{TOOLING}:role/plinth/fraud--scoring-start"
QUEUE = f"arn:aws:sqs:{REGION}:{TOOLING}:fraud--scoring-dead-letters"


def schedule():
    args = CleanUpScheduleArgs(
        rule_name="fraud--scoring-clean-up",
        label="fraud/scoring",
        project_arn=PROJECT,
        role_arn=ROLE,
        dead_letter_queue_arn=QUEUE,
    )
    return CleanUpSchedule("clean-up", args)


def test_a_build_of_main_cleans_up_every_day():
    recorder = deploy(schedule)
    assert recorder.one("aws:cloudwatch/eventRule:EventRule").inputs["scheduleExpression"] == "rate(1 day)"
    target = recorder.one("aws:cloudwatch/eventTarget:EventTarget").inputs
    assert (target["rule"], target["arn"], target["roleArn"]) == ("fraud--scoring-clean-up", PROJECT, ROLE)
    build = json.loads(target["input"])
    assert build["sourceVersion"] == "main"
    variables = {
        variable["name"]: (variable["type"], variable["value"]) for variable in build["environmentVariablesOverride"]
    }
    assert variables == {"BRANCH": ("PLAINTEXT", "main"), "TASK": ("PLAINTEXT", "clean-up")}


def test_a_start_that_cannot_be_delivered_is_repeated_for_a_day_and_then_kept():
    target = deploy(schedule).one("aws:cloudwatch/eventTarget:EventTarget").inputs
    assert target["deadLetterConfig"] == {"arn": QUEUE}
    assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 86_400, "maximumRetryAttempts": 185}
