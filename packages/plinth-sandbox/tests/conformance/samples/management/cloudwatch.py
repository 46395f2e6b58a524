"""Samples of Amazon CloudWatch, CloudWatch Logs and EventBridge."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Need, Sample

_QUEUES = "arn:aws:sqs:eu-west-1:123456789012:"
_KEY = ("aws:kms/key:Key", {"deletionWindowInDays": 7})


def _log_group(aws: Aws, it: Kept) -> dict[str, Any]:
    logs = aws("logs")
    (group,) = logs.describe_log_groups(logGroupNamePrefix=it.id)["logGroups"]
    return {
        "name": group["logGroupName"],
        "days": group.get("retentionInDays"),
        "key": group.get("kmsKeyId"),
        "tags": logs.list_tags_for_resource(resourceArn=it.outputs["arn"])["tags"],
    }


def _delivery(sid: str) -> str:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": "delivery.logs.amazonaws.com"},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/vendedlogs/states/some:*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _deliveries(aws: Aws, it: Kept) -> str:
    (policy,) = [p for p in aws("logs").describe_resource_policies()["resourcePolicies"] if p["policyName"] == it.id]
    return str(json.loads(policy["policyDocument"])["Statement"][0]["Sid"])


def _metric_filter(aws: Aws, it: Kept) -> dict[str, Any]:
    group, _, name = it.id.rpartition(":")
    (found,) = aws("logs").describe_metric_filters(logGroupName=group, filterNamePrefix=name)["metricFilters"]
    (metric,) = found["metricTransformations"]
    return {"pattern": found["filterPattern"], "metric": metric}


def _put_metric_filter(aws: Aws, it: Kept, pattern: str) -> None:
    group, _, name = it.id.rpartition(":")
    metric = {"metricName": "RootUse", "metricNamespace": "Plinth", "metricValue": "1", "defaultValue": 0}
    aws("logs").put_metric_filter(
        logGroupName=group, filterName=name, filterPattern=pattern, metricTransformations=[metric]
    )


def _alarm(aws: Aws, it: Kept) -> dict[str, Any]:
    (alarm,) = aws("cloudwatch").describe_alarms(AlarmNames=[it.id])["MetricAlarms"]
    tags = aws("cloudwatch").list_tags_for_resource(ResourceARN=it.outputs["arn"])["Tags"]
    return {
        "description": alarm.get("AlarmDescription"),
        "metric": f"{alarm['Namespace']} {alarm['MetricName']}",
        "dimensions": {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]},
        "when": f"{alarm['Statistic']} {alarm['ComparisonOperator']} {alarm['Threshold']:g}",
        "seconds": alarm["Period"] * alarm["EvaluationPeriods"],
        "tells": alarm["AlarmActions"],
        "on": alarm["ActionsEnabled"],
        "missing": alarm["TreatMissingData"],
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


_ALARM = {
    "description": "before",
    "metric": "AWS/SageMaker ModelLatency",
    "dimensions": {"EndpointName": "fraud", "VariantName": "main"},
    "when": "Average GreaterThanThreshold 250",
    "seconds": 300,
    "tells": ["arn:aws:sns:eu-west-1:123456789012:alarms"],
    "on": True,
    "missing": "notBreaching",
    "tags": {"from": "provider", "own": "1"},
}


def _rate(aws: Aws, it: Kept) -> dict[str, Any]:
    (alarm,) = aws("cloudwatch").describe_alarms(AlarmNames=[it.id])["MetricAlarms"]
    metrics = {metric["Id"]: metric.get("Expression") or metric["MetricStat"] for metric in alarm["Metrics"]}
    return {
        "metrics": metrics,
        "watched": [metric["Id"] for metric in alarm["Metrics"] if metric["ReturnData"]],
        "needed": alarm["DatapointsToAlarm"],
    }


def _of_endpoint(name: str, statistic: str) -> dict[str, Any]:
    dimensions = [{"Name": "EndpointName", "Value": "fraud"}]
    metric = {"Namespace": "AWS/SageMaker", "MetricName": name, "Dimensions": dimensions}
    return {"Metric": metric, "Period": 60, "Stat": statistic}


def _queries(expression: str) -> list[dict[str, Any]]:
    shared = {"namespace": "AWS/SageMaker", "dimensions": {"EndpointName": "fraud"}, "period": 60, "stat": "Sum"}
    return [
        {"id": "failed", "metric": {**shared, "metricName": "Invocation5XXErrors"}},
        {"id": "all", "metric": {**shared, "metricName": "Invocations"}},
        {"id": "rate", "expression": expression, "label": "failed share", "returnData": True},
    ]


_RATE = {
    "metrics": {
        "failed": _of_endpoint("Invocation5XXErrors", "Sum"),
        "all": _of_endpoint("Invocations", "Sum"),
        "rate": "failed / all",
    },
    "watched": ["rate"],
    "needed": 2,
}


def _composite(aws: Aws, it: Kept) -> dict[str, Any]:
    (alarm,) = aws("cloudwatch").describe_alarms(AlarmNames=[it.id], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    tags = aws("cloudwatch").list_tags_for_resource(ResourceARN=it.outputs["arn"])["Tags"]
    return {
        "rule": alarm["AlarmRule"],
        "description": alarm.get("AlarmDescription"),
        "tells": alarm["AlarmActions"],
        "recovers": alarm["OKActions"],
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def _child(name: str) -> Need:
    inputs = {
        "name": f"{name}-{{n}}",
        "namespace": "AWS/SageMaker",
        "metricName": "Invocations",
        "statistic": "Sum",
        "comparisonOperator": "LessThanThreshold",
        "threshold": 1,
        "period": 60,
        "evaluationPeriods": 1,
    }
    return ("aws:cloudwatch/metricAlarm:MetricAlarm", inputs)


def _dashboard(title: str) -> str:
    return json.dumps({"widgets": [{"type": "text", "properties": {"markdown": title}}]})


def _rule(aws: Aws, it: Kept) -> dict[str, Any]:
    rule = aws("events").describe_rule(Name=it.outputs["name"], EventBusName=it.outputs["eventBusName"])
    tags = aws("events").list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]
    return {
        "id": it.id,
        "state": rule["State"],
        "description": rule.get("Description"),
        "pattern": json.loads(rule.get("EventPattern", "null")),
        "schedule": rule.get("ScheduleExpression"),
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def _target(aws: Aws, it: Kept) -> list[dict[str, Any]]:
    return list(aws("events").list_targets_by_rule(Rule=it.outputs["rule"])["Targets"])


def _pattern(status: str) -> str:
    return json.dumps({"source": ["aws.sagemaker"], "detail": {"ModelApprovalStatus": [status]}})


def _seen_pattern(status: str) -> dict[str, Any]:
    return {"source": ["aws.sagemaker"], "detail": {"ModelApprovalStatus": [status]}}


_BY_EVENTS: Need = ("aws:cloudwatch/eventRule:EventRule", {"name": "rule-of-{n}", "eventPattern": _pattern("Approved")})
_PIPELINE = "arn:aws:sagemaker:eu-west-1:123456789012:pipeline/train"
_ROLE = "arn:aws:iam::123456789012:role/events"
_DEAD_LETTERS = "arn:aws:sqs:eu-west-1:123456789012:dead"


def _bus(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("events").describe_event_bus(Name=it.id)
    tags = aws("events").list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
    kept = {"under": found.get("KmsKeyIdentifier"), "dead letters": found.get("DeadLetterConfig", {}).get("Arn")}
    return {"description": found.get("Description"), **kept, "tags": {tag["Key"]: tag["Value"] for tag in tags}}


def _bus_policy(sid: str) -> str:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "events:PutEvents",
        "Resource": "arn:aws:events:eu-west-1:123456789012:event-bus/any",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _bus_statement(aws: Aws, it: Kept) -> str:
    (statement,) = json.loads(aws("events").describe_event_bus(Name=it.id)["Policy"])["Statement"]
    return str(statement["Sid"])


SAMPLES = [
    Sample(
        type="aws:cloudwatch/logGroup:LogGroup",
        needs={"key": _KEY, "other": _KEY},
        inputs={
            "name": "/flow/logs-{n}",
            "kmsKeyId": "{key.outputs.arn}",
            "retentionInDays": 365,
            "tags": {"own": "1"},
        },
        look=_log_group,
        seen={
            "name": "/flow/logs-{n}",
            "days": 365,
            "key": "{key.outputs.arn}",
            "tags": {"from": "provider", "own": "1"},
        },
        change={"kmsKeyId": "{other.outputs.arn}", "retentionInDays": None, "tags": {"own": "2"}},
        seen_changed={
            "name": "/flow/logs-{n}",
            "days": None,
            "key": "{other.outputs.arn}",
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "/flow/renamed-{n}"},
        drift=lambda aws, it: aws("logs").put_retention_policy(logGroupName=it.id, retentionInDays=7),
        drifts="retentionInDays",
        remove=lambda aws, it: aws("logs").delete_log_group(logGroupName=it.id),
    ),
    Sample(
        type="aws:cloudwatch/logGroup:LogGroup",
        inputs={"name": "/kept/logs-{n}", "skipDestroy": True},
        look=_log_group,
        seen={"name": "/kept/logs-{n}", "days": None, "key": None, "tags": {"from": "provider"}},
        remove=None,  # it outlives its stack
        not_imported=("skipDestroy",),
    ),
    Sample(
        type="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        inputs={"policyName": "deliveries-{n}", "policyDocument": _delivery("before")},
        look=_deliveries,
        seen="before",
        change={"policyDocument": _delivery("after")},
        seen_changed="after",
        replace={"policyName": "renamed-{n}"},
        drift=lambda aws, it: aws("logs").put_resource_policy(policyName=it.id, policyDocument=_delivery("drifted")),
        drifts="policyDocument",
        remove=lambda aws, it: aws("logs").delete_resource_policy(policyName=it.id),
    ),
    Sample(
        type="aws:cloudwatch/logMetricFilter:LogMetricFilter",
        needs={"group": ("aws:cloudwatch/logGroup:LogGroup", {"name": "/trail/{n}"})},
        inputs={
            "name": "root-{n}",
            "logGroupName": "{group.id}",
            "pattern": '{ $.userIdentity.type = "Root" }',
            "metricTransformation": {"name": "RootUse", "namespace": "Plinth", "value": "1", "defaultValue": "0"},
        },
        look=_metric_filter,
        seen={
            "pattern": '{ $.userIdentity.type = "Root" }',
            "metric": {
                "metricName": "RootUse",
                "metricNamespace": "Plinth",
                "metricValue": "1",
                "defaultValue": 0.0,
            },
        },
        change={
            "pattern": "{ $.errorCode = AccessDenied }",
            "metricTransformation": {"name": "Denied", "namespace": "Plinth", "value": "2"},
        },
        seen_changed={
            "pattern": "{ $.errorCode = AccessDenied }",
            "metric": {"metricName": "Denied", "metricNamespace": "Plinth", "metricValue": "2"},
        },
        replace={"name": "renamed-{n}"},
        drift=lambda aws, it: _put_metric_filter(aws, it, "{ $.eventName = ConsoleLogin }"),
        drifts="pattern",
        remove=lambda aws, it: aws("logs").delete_metric_filter(
            logGroupName=it.outputs["logGroupName"], filterName=it.outputs["name"]
        ),
    ),
    Sample(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        inputs={
            "name": "latency-{n}",
            "alarmDescription": "before",
            "namespace": "AWS/SageMaker",
            "metricName": "ModelLatency",
            "dimensions": {"EndpointName": "fraud", "VariantName": "main"},
            "statistic": "Average",
            "comparisonOperator": "GreaterThanThreshold",
            "threshold": 250,
            "period": 60,
            "evaluationPeriods": 5,
            "alarmActions": ["arn:aws:sns:eu-west-1:123456789012:alarms"],
            "treatMissingData": "notBreaching",
            "tags": {"own": "1"},
        },
        look=_alarm,
        seen=_ALARM,
        change={
            "alarmDescription": None,
            "dimensions": {"EndpointName": "fraud"},
            "threshold": 300,
            "actionsEnabled": False,
            "treatMissingData": None,
            "tags": None,
        },
        seen_changed={
            **_ALARM,
            "description": None,
            "dimensions": {"EndpointName": "fraud"},
            "when": "Average GreaterThanThreshold 300",
            "on": False,
            "missing": "missing",
            "tags": {"from": "provider"},
        },
        replace={"name": "renamed-{n}"},
        drift=lambda aws, it: aws("cloudwatch").disable_alarm_actions(AlarmNames=[it.id]),
        drifts="actionsEnabled",
        remove=lambda aws, it: aws("cloudwatch").delete_alarms(AlarmNames=[it.id]),
    ),
    Sample(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        inputs={
            "name": "rate-{n}",
            "metricQueries": _queries("failed / all"),
            "comparisonOperator": "GreaterThanThreshold",
            "threshold": 0.002,
            "evaluationPeriods": 3,
            "datapointsToAlarm": 2,
            "treatMissingData": "notBreaching",
        },
        look=_rate,
        seen=_RATE,
        change={"metricQueries": _queries("FILL(failed, 0) / all"), "datapointsToAlarm": 3},
        seen_changed={**_RATE, "metrics": {**_RATE["metrics"], "rate": "FILL(failed, 0) / all"}, "needed": 3},
        replace={"name": "rate-renamed-{n}"},
        drift=lambda aws, it: aws("cloudwatch").disable_alarm_actions(AlarmNames=[it.id]),
        drifts="actionsEnabled",
        remove=lambda aws, it: aws("cloudwatch").delete_alarms(AlarmNames=[it.id]),
    ),
    Sample(
        type="aws:cloudwatch/compositeAlarm:CompositeAlarm",
        needs={"first": _child("first"), "second": _child("second")},
        inputs={
            "alarmName": "either-{n}",
            "alarmDescription": "before",
            "alarmRule": "ALARM({first.id}) OR ALARM({second.id})",
            "alarmActions": ["arn:aws:sns:eu-west-1:123456789012:alarms"],
            "okActions": ["arn:aws:sns:eu-west-1:123456789012:alarms"],
            "tags": {"own": "1"},
        },
        look=_composite,
        seen={
            "rule": "ALARM({first.id}) OR ALARM({second.id})",
            "description": "before",
            "tells": ["arn:aws:sns:eu-west-1:123456789012:alarms"],
            "recovers": ["arn:aws:sns:eu-west-1:123456789012:alarms"],
            "tags": {"from": "provider", "own": "1"},
        },
        change={"alarmRule": "ALARM({first.id})", "alarmDescription": None, "okActions": None, "tags": None},
        seen_changed={
            "rule": "ALARM({first.id})",
            "description": None,
            "tells": ["arn:aws:sns:eu-west-1:123456789012:alarms"],
            "recovers": [],
            "tags": {"from": "provider"},
        },
        replace={"alarmName": "either-renamed-{n}"},
        drift=lambda aws, it: aws("cloudwatch").disable_alarm_actions(AlarmNames=[it.id]),
        drifts="actionsEnabled",
        remove=lambda aws, it: aws("cloudwatch").delete_alarms(AlarmNames=[it.id]),
    ),
    Sample(
        type="aws:cloudwatch/dashboard:Dashboard",
        inputs={"dashboardName": "fraud-{n}", "dashboardBody": _dashboard("before")},
        look=lambda aws, it: json.loads(aws("cloudwatch").get_dashboard(DashboardName=it.id)["DashboardBody"]),
        seen=json.loads(_dashboard("before")),
        change={"dashboardBody": _dashboard("after")},
        seen_changed=json.loads(_dashboard("after")),
        replace={"dashboardName": "renamed-{n}"},
        drift=lambda aws, it: aws("cloudwatch").put_dashboard(DashboardName=it.id, DashboardBody=_dashboard("drift")),
        drifts="dashboardBody",
        remove=lambda aws, it: aws("cloudwatch").delete_dashboards(DashboardNames=[it.id]),
    ),
    Sample(
        type="aws:cloudwatch/eventRule:EventRule",
        inputs={
            "name": "approved-{n}",
            "description": "before",
            "eventPattern": _pattern("Approved"),
            "tags": {"own": "1"},
        },
        look=_rule,
        seen={
            "id": "approved-{n}",
            "state": "ENABLED",
            "description": "before",
            "pattern": _seen_pattern("Approved"),
            "schedule": None,
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "description": None,
            "eventPattern": _pattern("Rejected"),
            "state": "DISABLED",
            "tags": {"own": "2"},
        },
        seen_changed={
            "id": "approved-{n}",
            "state": "DISABLED",
            "description": None,
            "pattern": _seen_pattern("Rejected"),
            "schedule": None,
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "renamed-{n}"},
        drift=lambda aws, it: aws("events").disable_rule(Name=it.id),
        drifts="state",
        remove=lambda aws, it: aws("events").delete_rule(Name=it.id),
    ),
    Sample(
        type="aws:cloudwatch/eventTarget:EventTarget",
        needs={"rule": _BY_EVENTS},
        inputs={
            "rule": "{rule.outputs.name}",
            "targetId": "train",
            "arn": _PIPELINE,
            "roleArn": _ROLE,
            "sagemakerPipelineTarget": {"pipelineParameterLists": [{"name": "Source", "value": "event"}]},
            "inputTransformer": {"inputPaths": {"who": "$.account"}, "inputTemplate": '{"from": <who>}'},
            "deadLetterConfig": {"arn": _DEAD_LETTERS},
            "retryPolicy": {"maximumEventAgeInSeconds": 600, "maximumRetryAttempts": 2},
        },
        look=_target,
        seen=[
            {
                "Id": "train",
                "Arn": _PIPELINE,
                "RoleArn": _ROLE,
                "SageMakerPipelineParameters": {"PipelineParameterList": [{"Name": "Source", "Value": "event"}]},
                "InputTransformer": {"InputPathsMap": {"who": "$.account"}, "InputTemplate": '{"from": <who>}'},
                "DeadLetterConfig": {"Arn": _DEAD_LETTERS},
                "RetryPolicy": {"MaximumEventAgeInSeconds": 600, "MaximumRetryAttempts": 2},
            }
        ],
        change={
            "sagemakerPipelineTarget": {"pipelineParameterLists": [{"name": "Source", "value": "schedule"}]},
            "inputTransformer": None,
            "deadLetterConfig": None,
            "retryPolicy": {"maximumEventAgeInSeconds": 60, "maximumRetryAttempts": 0},
        },
        seen_changed=[
            {
                "Id": "train",
                "Arn": _PIPELINE,
                "RoleArn": _ROLE,
                "SageMakerPipelineParameters": {"PipelineParameterList": [{"Name": "Source", "Value": "schedule"}]},
                "RetryPolicy": {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0},
            }
        ],
        replace={"targetId": "other"},
        drift=lambda aws, it: aws("events").put_targets(
            Rule=it.outputs["rule"], Targets=[{"Id": "train", "Arn": _PIPELINE, "RoleArn": _ROLE}]
        ),
        drifts="sagemakerPipelineTarget",
        remove=lambda aws, it: aws("events").remove_targets(Rule=it.outputs["rule"], Ids=["train"]),
    ),
    Sample(
        type="aws:cloudwatch/eventBus:EventBus",
        needs={"key": _KEY, "other": _KEY},
        inputs={
            "name": "bus-{n}",
            "description": "before",
            "kmsKeyIdentifier": "{key.outputs.arn}",
            "deadLetterConfig": {"arn": f"{_QUEUES}before"},
            "tags": {"own": "1"},
        },
        look=_bus,
        seen={
            "description": "before",
            "under": "{key.outputs.arn}",
            "dead letters": f"{_QUEUES}before",
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "description": "after",
            "kmsKeyIdentifier": "{other.outputs.arn}",
            "deadLetterConfig": {"arn": f"{_QUEUES}after"},
            "tags": {"own": "2"},
        },
        seen_changed={
            "description": "after",
            "under": "{other.outputs.arn}",
            "dead letters": f"{_QUEUES}after",
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "bus-{n}-renamed"},
        drift=lambda aws, it: aws("events").update_event_bus(Name=it.id, Description="drifted"),
        drifts="description",
        remove=lambda aws, it: aws("events").delete_event_bus(Name=it.id),
    ),
    Sample(
        type="aws:cloudwatch/eventBusPolicy:EventBusPolicy",
        needs={"bus": ("aws:cloudwatch/eventBus:EventBus", {"name": "of-policy-{n}"})},
        inputs={"eventBusName": "{bus.id}", "policy": _bus_policy("before")},
        look=_bus_statement,
        seen="before",
        change={"policy": _bus_policy("after")},
        seen_changed="after",
        drift=lambda aws, it: aws("events").put_permission(EventBusName=it.id, Policy=_bus_policy("drifted")),
        drifts="policy",
        remove=lambda aws, it: aws("events").remove_permission(EventBusName=it.id, RemoveAllPermissions=True),
    ),
]
