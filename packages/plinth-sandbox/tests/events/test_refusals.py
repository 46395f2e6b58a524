"""EventBridge refuses what AWS refuses, and targets to which the sandbox does not deliver."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from plinth_sandbox.testing import REGION, refusal

from .site import Site

ROLE = f"arn:aws:iam::{'1' * 12}:role/starts"
SITE_ROLE = "arn:aws:iam::{}:role/starts"


def put_target(site: Site, arn: str, **target: Any) -> str:
    """Returns the error code with which a target is refused. The name of the rule belongs to the test."""
    events = site.client("events")
    events.put_rule(Name="refusing-targets", EventPattern='{"source": ["refusing.targets"]}')
    given = {"Id": "one", "Arn": arn.format(region=REGION, account=site.account), **target}
    return refusal(events.put_targets, Rule="refusing-targets", Targets=[given])


@pytest.mark.parametrize(
    ("arn", "target", "code"),
    [
        ("arn:aws:kinesis:{region}:{account}:stream/s", {"RoleArn": ROLE}, "NotImplementedBySandbox"),
        ("arn:aws:events:{region}:{account}:api-destination/d/1", {"RoleArn": ROLE}, "NotImplementedBySandbox"),
        ("arn:aws:sagemaker:{region}:{account}:training-job/t", {"RoleArn": ROLE}, "NotImplementedBySandbox"),
        ("arn:aws:s3:::bucket", {}, "ValidationException"),
        ("arn:aws:codepipeline:{region}:{account}:p", {}, "ValidationException"),
        ("arn:aws:codebuild:{region}:{account}:project/p", {}, "ValidationException"),
        ("arn:aws:states:{region}:{account}:stateMachine:m", {}, "ValidationException"),
        ("arn:aws:sagemaker:{region}:{account}:pipeline/p", {}, "ValidationException"),
        ("arn:aws:sqs:{region}:111111111111:q", {}, "ValidationException"),
        ("arn:aws:events:{region}:111111111111:event-bus/b", {}, "ValidationException"),
        ("arn:aws:states:{region}:111111111111:stateMachine:m", {"RoleArn": ROLE}, "AccessDeniedException"),
        ("arn:aws:sqs:{region}:{account}:q.fifo", {}, "ValidationException"),
        ("arn:aws:sqs:{region}:{account}:q", {"Input": "no JSON"}, "ValidationException"),
        ("arn:aws:sqs:{region}:{account}:q", {"Input": "{}", "InputPath": "$.detail"}, "ValidationException"),
        ("arn:aws:sqs:{region}:{account}:q", {"InputPath": "$['detail']"}, "ValidationException"),
        (
            "arn:aws:events:{region}:111111111111:event-bus/b",
            {"RoleArn": ROLE, "InputPath": "$.detail"},
            "ValidationException",
        ),
    ],
)
def test_a_target_is_refused(site: Site, arn: str, target: dict[str, Any], code: str) -> None:
    assert put_target(site, arn, **target) == code


def test_a_rule_has_five_targets(site: Site) -> None:
    events, arn = site.client("events"), f"arn:aws:sqs:{REGION}:{site.account}:q"
    events.put_rule(Name="five", EventPattern='{"source": ["five"]}')
    targets = [{"Id": str(number), "Arn": arn} for number in range(6)]
    events.put_targets(Rule="five", Targets=targets[:5])
    events.put_targets(Rule="five", Targets=targets[4:5])
    assert refusal(events.put_targets, Rule="five", Targets=targets[5:]) == "LimitExceededException"


def test_an_invalid_pattern_is_refused_with_its_reason(site: Site) -> None:
    with pytest.raises(ClientError, match=r"Event pattern is not valid\. Reason: Unrecognized match type prefx"):
        site.client("events").put_rule(Name="invalid", EventPattern='{"source": [{"prefx": "a"}]}')


def test_a_pattern_can_be_tested(site: Site) -> None:
    event = json.dumps({"id": "1", "source": "a", "detail-type": "t", "account": "1", "time": "t", "region": "r"})
    events = site.client("events")
    assert events.test_event_pattern(EventPattern='{"source": ["a"]}', Event=event)["Result"] is True
    assert events.test_event_pattern(EventPattern='{"source": ["b"]}', Event=event)["Result"] is False


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"Detail": "[1]"}, "MalformedDetail"),
        ({"Detail": "{"}, "MalformedDetail"),
        ({"Source": ""}, "InvalidArgument"),
        ({"DetailType": ""}, "InvalidArgument"),
        ({"Source": "aws.s3"}, "NotAuthorizedForSourceException"),
        ({"EventBusName": f"arn:aws:events:{REGION}:{'1' * 12}:event-bus/hub"}, "AccessDeniedException"),
    ],
)
def test_an_entry_fails_alone(site: Site, entry: dict[str, str], code: str) -> None:
    good = {"Source": "entries", "DetailType": "Test", "Detail": "{}"}
    answer = site.client("events").put_events(Entries=[good | entry, good])
    failed, put = answer["Entries"]
    assert (answer["FailedEntryCount"], failed["ErrorCode"]) == (1, code)
    assert "EventId" in put


@pytest.mark.parametrize(
    ("arn", "changes", "code"),
    [
        ("arn:aws:kinesis:{region}:{account}:stream/s", {}, "NotImplementedBySandbox"),
        ("arn:aws:sqs:{region}:{account}:q", {"ScheduleExpressionTimezone": "Europe/Nowhere"}, "ValidationException"),
        ("arn:aws:events:{region}:{account}:event-bus/default", {}, "ValidationException"),
    ],
)
def test_a_schedule_is_refused(site: Site, arn: str, changes: dict[str, str], code: str) -> None:
    target = {"Arn": arn.format(region=REGION, account=site.account), "RoleArn": SITE_ROLE.format(site.account)}
    schedule = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    assert refusal(site.client("scheduler").create_schedule, Name="refused", **schedule, **changes) == code


def test_the_role_of_a_schedule_must_trust_the_scheduler(site: Site) -> None:
    target = {"Arn": f"arn:aws:sqs:{REGION}:{site.account}:q", "RoleArn": site.role("trusts-events-only")}
    schedule = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    create = site.client("scheduler").create_schedule
    with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
        create(Name="untrusted", **schedule)
    target["RoleArn"] = site.role("trusts-the-scheduler", service="scheduler.amazonaws.com")
    create(Name="trusted", **schedule)


def test_an_event_for_a_bus_that_does_not_exist_is_dropped(site: Site) -> None:
    assert "EventId" in site.put("dropped", bus="nowhere")


def test_a_request_has_less_than_one_mebibyte(site: Site) -> None:
    events = site.client("events")
    entry = {"Source": "large", "DetailType": "Test", "Detail": json.dumps({"text": "x" * 700_000})}
    assert "EventId" in events.put_events(Entries=[entry])["Entries"][0]
    assert refusal(events.put_events, Entries=[entry, entry]) == "ValidationException"
