"""Comparison of the traffic of an endpoint with the baseline, on a schedule."""

from __future__ import annotations

import pulumi
import pytest

from components.serving.monitoring.endpoint_monitor import EndpointMonitor, EndpointMonitorArgs
from components.serving.serving_place import ServingPlace
from tests.support.recorder import deploy
from tests.unit.components.identifiers import ACCOUNT, KEY, REGION
from tests.unit.components.serving.parts import PREFIX, ROLE

FUNCTION = "aws:lambda/function:Function"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{PREFIX}-monitor-failures"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:{PREFIX}-alarms"
STARTER = f"arn:aws:iam::{ACCOUNT}:role/plinth/{PREFIX}-start-monitor"
PLACE = ServingPlace(
    prefix=PREFIX,
    use_case="scoring",
    region=REGION,
    bucket="ml-prod-fraud",
    key_arn=KEY,
    subnet_ids=["subnet-1", "subnet-2"],
    security_group_ids=["sg-1"],
    serving_role_arn=ROLE,
    function_role_arn=ROLE,
    topic_arn=TOPIC,
    log_retention_days=365,
)


def monitor(**changes):
    args = {
        "place": PLACE,
        "endpoint_name": PREFIX,
        "environment": "production",
        "metrics_namespace": "plinth/fraud/scoring",
        "window": "hour",
        "schedule": "cron(20 * * * ? *)",
        "code": pulumi.AssetArchive({"subject.json": pulumi.StringAsset("{}")}),
        "handler": "plinth_project.monitoring.start.handle",
        "role_arn": STARTER,
        "dead_letter_queue_arn": QUEUE,
    }
    return EndpointMonitor("monitor", EndpointMonitorArgs(**args | changes))


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.requirement("MON-04.b")
def test_a_schedule_invokes_the_function_in_the_network_with_its_own_role(preview):
    recorder = deploy(monitor, preview=preview)
    function = recorder.one(FUNCTION)
    assert function.inputs["name"] == f"{PREFIX}-start-monitor"
    assert function.inputs["role"] == STARTER
    assert function.inputs["vpcConfig"] == {"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]}
    assert recorder.one("aws:cloudwatch/eventRule:EventRule").inputs["scheduleExpression"] == "cron(20 * * * ? *)"
    target = recorder.one("aws:cloudwatch/eventTarget:EventTarget")
    assert function.urn in target.dependencies
    assert target.inputs["deadLetterConfig"] == {"arn": QUEUE}


@pytest.mark.parametrize(("window", "seconds"), [("hour", 3600), ("day", 86_400)])
def test_people_are_told_when_columns_drift_or_their_data_is_bad_and_when_it_is_over(window, seconds):
    alarms = {
        alarm.inputs["metricName"]: alarm.inputs
        for alarm in deploy(lambda: monitor(window=window)).all("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    for alarm in (alarms[name] for name in ("DriftedColumns", "DataQualityFindings")):
        assert (alarm["namespace"], alarm["dimensions"]) == ("plinth/fraud/scoring", {"Environment": "production"})
        assert (alarm["period"], alarm["evaluationPeriods"], alarm["threshold"]) == (seconds, 1, 0)
        assert alarm["alarmActions"] == alarm["okActions"] == [TOPIC]
        assert alarm["treatMissingData"] == "ignore"


def test_people_are_told_of_comparisons_that_failed_and_of_events_that_started_none():
    alarms = {
        alarm.inputs["metricName"]: (alarm.inputs["dimensions"], alarm.inputs["alarmActions"])
        for alarm in deploy(monitor).all("aws:cloudwatch/metricAlarm:MetricAlarm")
    }
    assert alarms["Errors"] == ({"FunctionName": f"{PREFIX}-start-monitor"}, [TOPIC])
    lost = {"QueueName": f"{PREFIX}-monitor-failures"}
    assert alarms["ApproximateNumberOfMessagesVisible"] == (lost, [TOPIC])
