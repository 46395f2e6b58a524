"""Alarms of an endpoint, which notify people and roll deployments back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import pulumi
import pulumi_aws as aws

EndpointMetric = Literal[
    "Invocation4XXErrors",
    "Invocation5XXErrors",
    "InvocationsPerInstance",
    "ApproximateBacklogSizePerInstance",
    "ModelLatency",
    "CPUUtilization",
    "DiskUtilization",
    "MemoryUtilization",
]
_REQUESTS, _INSTANCES = "AWS/SageMaker", "/aws/sagemaker/Endpoints"
METRICS: Mapping[EndpointMetric, tuple[str, str]] = MappingProxyType(
    {
        "Invocation4XXErrors": (_REQUESTS, "Sum"),
        "Invocation5XXErrors": (_REQUESTS, "Sum"),
        "InvocationsPerInstance": (_REQUESTS, "Sum"),
        "ApproximateBacklogSizePerInstance": (_REQUESTS, "Average"),
        "ModelLatency": (_REQUESTS, "Average"),
        "CPUUtilization": (_INSTANCES, "Maximum"),
        "DiskUtilization": (_INSTANCES, "Maximum"),
        "MemoryUtilization": (_INSTANCES, "Maximum"),
    }
)
"""Namespace and statistic of each metric (SageMaker Developer Guide, "Amazon CloudWatch metrics"). ModelLatency is in
microseconds, utilization in percent. Asynchronous endpoints have no InvocationsPerInstance, and others have no backlog
(Developer Guide, "Alarms and logs for tracking metrics from asynchronous endpoints")."""
OF_ENDPOINTS: frozenset[EndpointMetric] = frozenset({"ApproximateBacklogSizePerInstance"})
"""Metrics of endpoints as a whole, which have no dimension for the variant."""
_SECONDS = 60
_MOST_MINUTES = 1440
"""An alarm looks at one day at most (CloudWatch API, PutMetricAlarm)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointAlarm:
    """One alarm: the metric is above a threshold in each of the last minutes."""

    metric: EndpointMetric
    """Metric of the endpoint."""

    above: float
    """Threshold, in the unit of the metric."""

    minutes: int
    """Minutes in a row, 1 to 1,440."""

    def __post_init__(self) -> None:
        if not 1 <= self.minutes <= _MOST_MINUTES or self.above < 0:
            raise ValueError(f"alarm on {self.metric}: above {self.above} in {self.minutes} minutes")


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointAlarmsArgs:
    """Arguments of :class:`EndpointAlarms`."""

    endpoint_name: str
    """Name of the endpoint, with which the names of the alarms begin. The alarms are created before it."""

    variant_name: str
    """Name of the variant whose metrics the alarms read."""

    alarms: Sequence[EndpointAlarm]
    """Alarms, at most one for each metric."""

    topic_arn: str
    """ARN of the topic that is told when an alarm goes off, and when it is over."""

    def __post_init__(self) -> None:
        metrics = [alarm.metric for alarm in self.alarms]
        if len(set(metrics)) < len(metrics):
            raise ValueError(f"alarms: {', '.join(metrics)}; give at most one alarm for each metric")


class EndpointAlarms(pulumi.ComponentResource):
    """Alarms on errors, latency, load and instances of an endpoint. A minute without requests raises no alarm.

    Creates: one alarm for each metric.

    Args: see :class:`EndpointAlarmsArgs`.

    Outputs: ``alarm_names``.

    Raises: ValueError for two alarms on one metric, or a threshold that no metric can have.

    Cost: 0.10 USD per alarm and month.

    Example::

        EndpointAlarms("alarms", EndpointAlarmsArgs(
            endpoint_name="fraud--scoring-prod", variant_name="AllTraffic", topic_arn=topic_arn,
            alarms=[EndpointAlarm(metric="Invocation5XXErrors", above=0, minutes=1)],
        ))
    """

    alarm_names: list[pulumi.Output[str]]
    """Names of the alarms, known once they exist, for the automatic rollback of the endpoint."""

    def __init__(self, name: str, args: EndpointAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:monitoring:EndpointAlarms", name, None, opts)
        self.alarm_names = [self._alarm(name, args, alarm).name for alarm in args.alarms]
        self.register_outputs({"alarm_names": self.alarm_names})

    def _alarm(self, name: str, args: EndpointAlarmsArgs, alarm: EndpointAlarm) -> aws.cloudwatch.MetricAlarm:
        namespace, statistic = METRICS[alarm.metric]
        return aws.cloudwatch.MetricAlarm(
            f"{name}-{alarm.metric}",
            name=f"{args.endpoint_name}-{args.variant_name}-{alarm.metric}",
            alarm_description=f"{alarm.metric} of {args.endpoint_name} is above {alarm.above:g}",
            namespace=namespace,
            metric_name=alarm.metric,
            dimensions=_dimensions(args, alarm.metric),
            statistic=statistic,
            period=_SECONDS,
            evaluation_periods=alarm.minutes,
            datapoints_to_alarm=alarm.minutes,
            threshold=alarm.above,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[args.topic_arn],
            ok_actions=[args.topic_arn],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _dimensions(args: EndpointAlarmsArgs, metric: EndpointMetric) -> dict[str, str]:
    variant = {} if metric in OF_ENDPOINTS else {"VariantName": args.variant_name}
    return {"EndpointName": args.endpoint_name, **variant}
