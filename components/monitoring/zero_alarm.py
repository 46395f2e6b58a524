"""Alarms on metrics that should be zero: errors, lost events, findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

MINUTE = 60
QUEUE_MINUTES = 5
"""Minutes between two values that SQS publishes about a queue (SQS Developer Guide, "Available CloudWatch metrics")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedMetric:
    """A metric, and the period in which one value above zero sets an alarm off."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: Literal["Maximum", "Sum"] = "Maximum"
    seconds: int = MINUTE
    """Length of the period."""


def errors_of(function: str) -> WatchedMetric:
    """Returns the errors of a Lambda function."""
    return WatchedMetric(namespace="AWS/Lambda", name="Errors", dimensions={"FunctionName": function}, statistic="Sum")


def messages_in(queue: str) -> WatchedMetric:
    """Returns the messages that wait in an SQS queue."""
    return WatchedMetric(
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": queue},
        seconds=QUEUE_MINUTES * MINUTE,
    )


def alarm_above_zero(
    resource: str,
    metric: WatchedMetric,
    *,
    name: str,
    text: str,
    topic_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
    tags: Mapping[str, str] | None = None,
    tells_the_end: bool = False,
    missing: Literal["ignore", "notBreaching"] = "notBreaching",
) -> None:
    """Creates the alarm ``name``, which tells a topic when the metric is above zero.

    ``tells_the_end`` also tells when it is over. ``missing`` says what a period without a value means.
    """
    aws.cloudwatch.MetricAlarm(
        resource,
        name=name,
        alarm_description=text,
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions=dict(metric.dimensions),
        statistic=metric.statistic,
        period=metric.seconds,
        evaluation_periods=1,
        threshold=0,
        comparison_operator="GreaterThanThreshold",
        treat_missing_data=missing,
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn] if tells_the_end else None,
        tags=dict(tags) if tags else None,
        opts=opts,
    )
