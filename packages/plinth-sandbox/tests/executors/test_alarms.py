"""Alarms of the emulated CloudWatch follow the metrics that are put, on the clock of the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import eventually

NAMESPACE = "Fraud"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedAws]:
    """One server for all tests, whose clock only the tests move. Each test has metrics and alarms of its own."""
    with EmulatedAws(tmp_path_factory.mktemp("aws"), schedules="manual") as server:
        yield server


def put(aws: EmulatedAws, name: str, *values: float, **more: Any) -> None:
    datum = {"MetricName": name, "Values": list(values), **more}
    aws.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def alarm(aws: EmulatedAws, name: str, **changes: Any) -> None:
    """Creates an alarm on the metric with the same name: its sum is over 1 in one minute."""
    definition = {
        "Namespace": NAMESPACE,
        "MetricName": name,
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    definition |= changes
    given = {key: value for key, value in definition.items() if value is not None}
    aws.client("cloudwatch").put_metric_alarm(AlarmName=name, **given)


def described(aws: EmulatedAws, name: str, kind: str = "MetricAlarm") -> dict[str, Any]:
    found = aws.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=[kind])
    return dict(found[f"{kind}s"][0])


def state(aws: EmulatedAws, name: str, kind: str = "MetricAlarm") -> str:
    return str(described(aws, name, kind)["StateValue"])


def subscribed(aws: EmulatedAws, name: str) -> tuple[str, str]:
    """Creates a topic with a queue, and returns the ARN of the topic and the URL of the queue."""
    sns, sqs = aws.client("sns"), aws.client("sqs")
    topic = sns.create_topic(Name=name)["TopicArn"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:{MANAGEMENT}:{name}")
    return str(topic), str(url)


def messages(aws: EmulatedAws, url: str) -> list[Any]:
    sqs, found = aws.client("sqs"), []
    while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in received:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(json.loads(message["Body"]))
    return found


def test_an_alarm_goes_off_after_the_minute_of_its_values_and_back_when_they_have_passed(aws: EmulatedAws) -> None:
    alarm(aws, "errors")
    assert state(aws, "errors") == "OK"
    put(aws, "errors", 1, 1)
    aws.advance(minutes=1)
    found = described(aws, "errors")
    assert found["StateValue"] == "ALARM"
    assert "1 out of the last 1 datapoints [2.0" in found["StateReason"]
    assert "was greater than the threshold (1.0)" in found["StateReason"]
    assert json.loads(found["StateReasonData"])["recentDatapoints"] == [2.0]
    aws.advance(minutes=10)
    assert state(aws, "errors") == "OK"
    history = aws.client("cloudwatch").describe_alarm_history(
        AlarmName="errors", HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
    )["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
    ]
    times = [item["Timestamp"] for item in history]
    assert 60 <= (times[2] - times[1]).total_seconds() <= 240
    assert times[1].second == 0


def test_an_alarm_without_values_lacks_data_unless_missing_values_mean_something(aws: EmulatedAws) -> None:
    for treatment in ("missing", "ignore", "breaching", "notBreaching"):
        alarm(aws, f"silent-{treatment}", TreatMissingData=treatment)
    found = [state(aws, f"silent-{suffix}") for suffix in ("missing", "ignore", "breaching", "notBreaching")]
    assert found == ["INSUFFICIENT_DATA", "INSUFFICIENT_DATA", "ALARM", "OK"]


def test_a_ratio_of_two_metrics_goes_off_at_three_failures_in_a_thousand(aws: EmulatedAws) -> None:
    def metric(name: str) -> dict[str, Any]:
        metric = {"Namespace": NAMESPACE, "MetricName": name}
        return {"MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False}

    metrics = [
        {"Id": "failed", **metric("Invocation5XXErrors")},
        {"Id": "all", **metric("Invocations")},
        {"Id": "rate", "Expression": "FILL(failed, 0) / all", "ReturnData": True},
    ]
    single = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"))
    alarm(aws, "rate", **single, Metrics=metrics, Threshold=0.002)
    put(aws, "Invocations", 1, Counts=[1000])
    aws.advance(minutes=1)
    assert state(aws, "rate") == "OK"
    counts = {"Invocations": 1000, "Invocation5XXErrors": 3}
    # One call, so that a minute cannot end between the two values.
    data = [{"MetricName": name, "Values": [1], "Counts": [n]} for name, n in counts.items()]
    aws.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=data)
    aws.advance(minutes=1)
    assert state(aws, "rate") == "ALARM"
    assert "0.003" in described(aws, "rate")["StateReason"]


def test_dimensions_distinguish_the_metrics_of_variants(aws: EmulatedAws) -> None:
    green, blue = ([{"Name": "VariantName", "Value": variant}] for variant in ("green", "blue"))
    alarm(aws, "latency", Dimensions=green, Statistic=None, ExtendedStatistic="p90", Threshold=100)
    put(aws, "latency", 500, Dimensions=blue)
    put(aws, "latency", 50, Dimensions=green)
    aws.advance(minutes=1)
    assert state(aws, "latency") == "OK"
    put(aws, "latency", 500, Dimensions=green)
    aws.advance(minutes=1)
    assert state(aws, "latency") == "ALARM"


def test_actions_reach_a_topic_and_an_event_rule_once_for_each_change(aws: EmulatedAws) -> None:
    topic, url = subscribed(aws, "told")
    events, sqs = aws.client("events"), aws.client("sqs")
    queue = f"arn:aws:sqs:{REGION}:{MANAGEMENT}:changes"
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    changes = sqs.create_queue(QueueName="changes", Attributes={"Policy": policy})["QueueUrl"]
    pattern = {"detail-type": ["CloudWatch Alarm State Change"], "detail": {"alarmName": ["told"]}}
    events.put_rule(Name="changes", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="changes", Targets=[{"Id": "queue", "Arn": queue}])
    alarm(aws, "told", AlarmActions=[topic])
    put(aws, "told", 5)
    aws.advance(minutes=3)
    aws.advance(minutes=3)
    (message,) = messages(aws, url)
    assert message["Subject"] == 'ALARM: "told" in EU (Ireland)'
    told = json.loads(message["Message"])
    assert (told["NewStateValue"], told["OldStateValue"]) == ("ALARM", "OK")
    assert told["Trigger"]["MetricName"] == "told"
    states = [event["detail"]["state"]["value"] for event in messages(aws, changes)]
    assert states == ["OK", "ALARM", "OK"]


def test_disabled_actions_do_not_run(aws: EmulatedAws) -> None:
    topic, url = subscribed(aws, "quiet")
    alarm(aws, "quiet", AlarmActions=[topic])
    aws.client("cloudwatch").disable_alarm_actions(AlarmNames=["quiet"])
    put(aws, "quiet", 5)
    aws.advance(minutes=1)
    assert state(aws, "quiet") == "ALARM"
    assert messages(aws, url) == []


def test_a_topic_that_does_not_admit_cloudwatch_gets_nothing_and_the_history_says_why(aws: EmulatedAws) -> None:
    topic, url = subscribed(aws, "closed")
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": topic}]})
    aws.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    alarm(aws, "closed", AlarmActions=[topic])
    put(aws, "closed", 5)
    aws.advance(minutes=1)
    assert messages(aws, url) == []
    (item,) = aws.client("cloudwatch").describe_alarm_history(AlarmName="closed", HistoryItemType="Action")[
        "AlarmHistoryItems"
    ]
    assert item["HistorySummary"] == f"Failed to execute action {topic}"
    assert "NO_PERMISSIONS" in item["HistoryData"]


def test_a_composite_alarm_follows_the_alarms_of_its_rule(aws: EmulatedAws) -> None:
    topic, url = subscribed(aws, "both")
    alarm(aws, "first")
    alarm(aws, "second")
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName="both", AlarmRule="ALARM(first) AND ALARM(second)", AlarmActions=[topic])
    assert state(aws, "both", "CompositeAlarm") == "OK"
    put(aws, "first", 5)
    aws.advance(minutes=1)
    assert state(aws, "both", "CompositeAlarm") == "OK"
    put(aws, "first", 5)
    put(aws, "second", 5)
    aws.advance(minutes=1)
    assert state(aws, "both", "CompositeAlarm") == "ALARM"
    assert [json.loads(message["Message"])["AlarmName"] for message in messages(aws, url)] == ["both"]
    assert cloudwatch.describe_alarms(AlarmNames=["both"])["MetricAlarms"] == []
    arn = described(aws, "both", "CompositeAlarm")["AlarmArn"]
    cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "team", "Value": "fraud"}])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "team", "Value": "fraud"}]
    assert refusal(cloudwatch.delete_alarms, AlarmNames=["first"]) == "ValidationError"
    rule = {"AlarmName": "unknown", "AlarmRule": "ALARM(absent)"}
    assert refusal(cloudwatch.put_composite_alarm, **rule) == "ValidationError"


def test_a_state_that_a_person_sets_lasts_until_the_next_evaluation(aws: EmulatedAws) -> None:
    alarm(aws, "drill")
    aws.client("cloudwatch").set_alarm_state(AlarmName="drill", StateValue="ALARM", StateReason="drill")
    found = described(aws, "drill")
    assert (found["StateValue"], found["StateReason"]) == ("ALARM", "drill")
    aws.advance(minutes=1)
    assert state(aws, "drill") == "OK"


def test_an_updated_alarm_keeps_its_state_and_its_tags(aws: EmulatedAws) -> None:
    alarm(aws, "kept", TreatMissingData="ignore", Tags=[{"Key": "team", "Value": "fraud"}])
    put(aws, "kept", 5)
    aws.advance(minutes=1)
    alarm(aws, "kept", TreatMissingData="ignore", AlarmDescription="changed")
    found = described(aws, "kept")
    assert (found["StateValue"], found["AlarmDescription"]) == ("ALARM", "changed")
    tags = aws.client("cloudwatch").list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "fraud"}]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Statistic": None}, "InvalidParameterCombination"),
        ({"DatapointsToAlarm": 2}, "ValidationError"),
        ({"EvaluationPeriods": 1500}, "ValidationError"),
        ({"ComparisonOperator": "LessThanLowerThreshold"}, "ValidationError"),
        ({"Statistic": None, "ExtendedStatistic": "tm90"}, "NotImplementedBySandbox"),
        ({"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 5}}, "NotImplementedBySandbox"),
    ],
)
def test_a_definition_that_cannot_be_evaluated_is_refused(aws: EmulatedAws, changes: dict[str, Any], code: str) -> None:
    definition = {
        "AlarmName": "refused",
        "Namespace": NAMESPACE,
        "MetricName": "refused",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    } | changes
    given = {key: value for key, value in definition.items() if value is not None}
    assert refusal(aws.client("cloudwatch", checked=False).put_metric_alarm, **given) == code


def test_metric_data_is_read_with_statistics_and_expressions(aws: EmulatedAws) -> None:
    put(aws, "read", 1, 3)
    now = aws.clock()
    cloudwatch = aws.client("cloudwatch")
    metric = {"Namespace": NAMESPACE, "MetricName": "read"}
    stat = {"Metric": metric, "Period": 60, "Stat": "Average"}
    results = cloudwatch.get_metric_data(
        MetricDataQueries=[{"Id": "m1", "MetricStat": stat}, {"Id": "e1", "Expression": "m1 * 10"}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
    )["MetricDataResults"]
    assert [(result["Id"], result["Values"]) for result in results] == [("m1", [2.0]), ("e1", [20.0])]
    assert metric in [
        {key: entry[key] for key in metric} for entry in cloudwatch.list_metrics(Namespace=NAMESPACE)["Metrics"]
    ]


def test_services_namespaces_are_closed_to_clients(aws: EmulatedAws) -> None:
    data = [{"MetricName": "Invocations", "Value": 1}]
    put_data = aws.client("cloudwatch").put_metric_data
    assert refusal(put_data, Namespace="AWS/SageMaker", MetricData=data) == "InvalidParameterValue"


def test_a_dashboard_with_a_broken_widget_is_refused(aws: EmulatedAws) -> None:
    cloudwatch = aws.client("cloudwatch")
    broken = json.dumps({"widgets": [{"type": "metric", "properties": {}}]})
    assert refusal(cloudwatch.put_dashboard, DashboardName="broken", DashboardBody=broken) == "InvalidParameterInput"
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "Fraud"}}]})
    cloudwatch.put_dashboard(DashboardName="fraud", DashboardBody=body)
    assert cloudwatch.get_dashboard(DashboardName="fraud")["DashboardBody"] == body


def test_states_metrics_and_clock_survive_a_restart(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path, schedules="manual") as server:
        topic, url = subscribed(server, "restarted")
        alarm(server, "restarted", AlarmActions=[topic])
        put(server, "restarted", 5)
        server.advance(minutes=1)
        before = described(server, "restarted")
        assert before["StateValue"] == "ALARM"
        server.restart()
        assert described(server, "restarted") == before
        assert len(messages(server, url)) == 1
        server.advance(minutes=10)
        assert state(server, "restarted") == "OK"


def test_an_alarm_goes_off_by_itself_when_its_minute_ends(tmp_path: Path) -> None:
    with EmulatedAws(tmp_path) as server:
        topic, url = subscribed(server, "alone")
        alarm(server, "alone", AlarmActions=[topic])
        put(server, "alone", 5)
        now = server.clock()
        server.advance(seconds=60 - now.second)
        sqs = server.client("sqs")
        received = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
        assert json.loads(json.loads(received[0]["Body"])["Message"])["NewStateValue"] == "ALARM"
