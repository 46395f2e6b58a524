import fnmatch
import json
import re

import pytest

from components.audit.trail.detections import MAX_PATTERN_CHARACTERS, detections
from components.audit.trail.security_alarms import SecurityAlarms, SecurityAlarmsArgs
from tests.support.documents import statements
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, KEY, ORGANIZATION

FILTER = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
TERM = re.compile(r'\(\$\.([\w.]+) (?:(=|!=) "([^"]*)"|(NOT EXISTS))\)')
BREAK_GLASS = "arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_BreakGlass_0a1b"


def alarms(**changes):
    args = {
        "topic_name": "acme-security-alarms",
        "account_id": ACCOUNT,
        "organization_id": ORGANIZATION,
        "key_arn": KEY,
        "log_group_name": "/plinth/audit/trail",
        "detections": detections(bucket_names=["archive", "history"], key_id="k", emergency_roles=["*BreakGlass*"]),
        "mailboxes": {"owner": "platform@acme.example", "security": "security@acme.example"},
    } | changes
    return SecurityAlarms("alarms", SecurityAlarmsArgs(**args))


def value_at(event, path):
    for part in path.split("."):
        event = event.get(part) if isinstance(event, dict) else None
    return event


def matches(pattern, event):
    """Returns whether a CloudWatch Logs filter pattern matches an event. Supports only the syntax used here."""

    def judged(term):
        path, operator, wanted, absent = term.groups()
        value = value_at(event, path)
        if absent:
            return str(value is None)
        equal = value is not None and fnmatch.fnmatchcase(str(value), wanted)
        return str(equal if operator == "=" else not equal)

    judgement = TERM.sub(judged, pattern).strip("{} ").replace("&&", "and").replace("||", "or")
    assert re.fullmatch(r"(True|False|and|or|[() ])+", judgement), f"not understood: {judgement}"
    return eval(judgement)


def told_of(event):
    """Returns the detections that an event triggers."""
    return {r.inputs["name"] for r in deploy(alarms).all(FILTER) if matches(r.inputs["pattern"], event)}


EVENTS = {
    "root-use": {"userIdentity": {"type": "Root"}, "eventType": "AwsApiCall", "eventName": "CreateKeyPair"},
    "guardrail-denials": {
        "errorMessage": "User: a is not authorized to perform: b with an explicit deny in a service control policy",
        "eventName": "CreateInternetGateway",
    },
    "watch-tampered": {"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"},
    "archive-tampered": {"eventName": "PutBucketPolicy", "requestParameters": {"bucketName": "archive"}},
    "guardrails-changed": {"eventName": "DetachPolicy", "eventSource": "organizations.amazonaws.com"},
    "emergency-access": {"eventName": "AssumeRoleWithSAML", "requestParameters": {"roleArn": BREAK_GLASS}},
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_critical_event_raises_exactly_its_own_alarm(name):
    assert told_of(EVENTS[name]) == {f"acme-security-alarms-{name}"}


@pytest.mark.parametrize(
    "event",
    [
        {"userIdentity": {"type": "Root", "invokedBy": "support.amazonaws.com"}, "eventName": "GetObject"},
        {"eventName": "PutBucketPolicy", "requestParameters": {"bucketName": "another"}},
        {"eventName": "DetachPolicy", "eventSource": "iot.amazonaws.com"},
        {"eventName": "AssumeRole", "requestParameters": {"roleArn": "arn:aws:iam::1:role/plinth/fraud-execution"}},
        {"errorMessage": "User: a is not authorized because no identity-based policy allows it", "eventName": "Get"},
        {"eventName": "DisableKey", "requestParameters": {"keyId": "arn:aws:kms:eu-west-1:1:key/other"}},
    ],
    ids=["AWS support", "another bucket", "another service", "ordinary role", "no permission", "another key"],
)
def test_an_ordinary_event_raises_no_alarm(event):
    assert told_of(event) == set()


def test_changing_the_bucket_of_configurations_raises_the_tampering_alarm():
    event = {"eventName": "PutBucketReplication", "requestParameters": {"bucketName": "history"}}
    assert told_of(event) == {"acme-security-alarms-archive-tampered"}


def test_disabling_the_key_of_the_archive_raises_the_tampering_alarm():
    event = {"eventName": "DisableKey", "requestParameters": {"keyId": "arn:aws:kms:eu-west-1:1:key/k"}}
    assert told_of(event) == {"acme-security-alarms-archive-tampered"}


def test_every_detection_has_an_alarm_that_publishes_to_the_topic():
    recorder = deploy(alarms)
    topic = recorder.one("aws:sns/topic:Topic").inputs["name"]
    counted = {
        (r.inputs["metricTransformation"]["namespace"], r.inputs["metricTransformation"]["name"])
        for r in recorder.all(FILTER)
    }
    watched = {(r.inputs["namespace"], r.inputs["metricName"]) for r in recorder.all(ALARM)}
    assert counted == watched
    assert len(watched) == len(EVENTS)
    assert {r.inputs["alarmActions"][0].rpartition(":")[2] for r in recorder.all(ALARM)} == {topic}


def test_filter_patterns_are_within_the_limit_of_cloudwatch():
    assert max(len(r.inputs["pattern"]) for r in deploy(alarms).all(FILTER)) <= MAX_PATTERN_CHARACTERS


def test_every_mailbox_is_subscribed():
    told = deploy(alarms).all("aws:sns/topicSubscription:TopicSubscription")
    assert {(r.inputs["protocol"], r.inputs["endpoint"]) for r in told} == {
        ("email", "platform@acme.example"),
        ("email", "security@acme.example"),
    }


def test_alarms_without_recipients_are_refused():
    places = {"account_id": ACCOUNT, "organization_id": ORGANIZATION, "key_arn": KEY, "log_group_name": "trail"}
    with pytest.raises(ValueError, match="nobody would receive"):
        SecurityAlarmsArgs(topic_name="alarms", **places, detections=[], mailboxes={})


def test_only_alarms_of_the_account_and_the_rule_may_publish():
    recorder = deploy(alarms)
    policy = statements(recorder.one("aws:sns/topicPolicy:TopicPolicy"))
    rule = recorder.one("aws:cloudwatch/eventRule:EventRule").name
    assert policy["Alarms"]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert policy["GraveFindings"]["Condition"]["ArnEquals"]["aws:SourceArn"].endswith(rule)
    refusal = policy["RefuseOtherOrganizations"]
    assert refusal["Condition"]["StringNotEqualsIfExists"] == {"aws:PrincipalOrgID": ORGANIZATION}


def test_severe_findings_of_all_accounts_are_forwarded():
    recorder = deploy(alarms)
    pattern = json.loads(recorder.one("aws:cloudwatch/eventRule:EventRule").inputs["eventPattern"])
    target = recorder.one("aws:cloudwatch/eventTarget:EventTarget").inputs
    assert pattern["detail"]["findings"]["Severity"]["Label"] == ["CRITICAL", "HIGH"]
    assert target["arn"].endswith(":acme-security-alarms")


def test_a_preview_with_unknowns_registers_the_same_resources():
    assert {r.urn for r in deploy(alarms, preview=True)} == {r.urn for r in deploy(alarms)}
