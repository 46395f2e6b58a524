"""Alarms of an endpoint: those that notify people, and those of one fleet, which roll its deployment back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

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
OF_FLEETS: frozenset[EndpointMetric] = frozenset({"Invocation4XXErrors", "Invocation5XXErrors", "ModelLatency"})
"""Metrics that SageMaker publishes with the dimension EndpointConfigName too, which tells the fleets of a deployment
apart. An alarm without it counts both fleets, so that a failing old fleet ends each deployment, also that of the fix
(Developer Guide, "Auto-Rollback Configuration and Monitoring", read 2026-11-26). The guide shows no such dimension for
load and instances."""
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

    configuration_name: str
    """Name of the endpoint configuration whose fleet the deployment is judged by."""

    def __post_init__(self) -> None:
        metrics = [alarm.metric for alarm in self.alarms]
        if len(set(metrics)) < len(metrics):
            raise ValueError(f"alarms: {', '.join(metrics)}; give at most one alarm for each metric")


class EndpointAlarms(pulumi.ComponentResource):
    """Alarms on errors, latency, load and instances of an endpoint. A minute without requests raises no alarm.

    Two kinds of alarms have two purposes. Alarms on the endpoint notify people; they stay the same from release to
    release. Alarms on the fleet of one configuration judge the deployment of this configuration. They notify people
    when they go off, because a small part of the traffic does not set off the others.

    Creates: one alarm for each metric; for each metric that tells fleets apart (errors and latency), one alarm on the
    fleet, named after the configuration.

    Outputs: ``alarm_names``.

    Raises: ValueError for two alarms on one metric, or a threshold that no metric can have.

    Cost: 0.10 USD per alarm and month; two alarms for errors and for latency.

    Example::

        EndpointAlarms("alarms", EndpointAlarmsArgs(
            endpoint_name="fraud--scoring-prod", variant_name="AllTraffic", topic_arn=topic_arn,
            configuration_name="fraud--scoring-prod-1a2b3c4d",
            alarms=[EndpointAlarm(metric="Invocation5XXErrors", above=0, minutes=1)],
        ))
    """

    alarm_names: list[pulumi.Output[str]]
    """Names of the alarms on the fleet, known once they exist, for the automatic rollback of the endpoint."""

    def __init__(self, name: str, args: EndpointAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:monitoring:EndpointAlarms", name, None, opts)
        for alarm in args.alarms:
            self._notifying(name, args, alarm)
        self.alarm_names = [self._judging(name, args, alarm) for alarm in args.alarms if alarm.metric in OF_FLEETS]
        self.register_outputs({"alarm_names": self.alarm_names})

    def _notifying(self, name: str, args: EndpointAlarmsArgs, alarm: EndpointAlarm) -> None:
        aws.cloudwatch.MetricAlarm(
            f"{name}-{alarm.metric}",
            **_properties(alarm),
            name=f"{args.endpoint_name}-{args.variant_name}-{alarm.metric}",
            alarm_description=f"{alarm.metric} of {args.endpoint_name} is above {alarm.above:g}",
            dimensions=_dimensions(args, alarm.metric),
            alarm_actions=[args.topic_arn],
            ok_actions=[args.topic_arn],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _judging(self, name: str, args: EndpointAlarmsArgs, alarm: EndpointAlarm) -> pulumi.Output[str]:
        made = aws.cloudwatch.MetricAlarm(
            # A resource of its own for each configuration, as with the configuration itself: the engine deletes those
            # of the old fleet after the update of the endpoint.
            f"{name}-{alarm.metric}-{args.configuration_name.rpartition('-')[2]}",
            **_properties(alarm),
            name=f"{args.configuration_name}-{args.variant_name}-{alarm.metric}",
            alarm_description=f"{alarm.metric} of the fleet of {args.configuration_name} is above {alarm.above:g}",
            dimensions={**_dimensions(args, alarm.metric), "EndpointConfigName": args.configuration_name},
            alarm_actions=[args.topic_arn],
            opts=pulumi.ResourceOptions(parent=self),
        )
        return made.name


def _properties(alarm: EndpointAlarm) -> dict[str, Any]:
    namespace, statistic = METRICS[alarm.metric]
    return {
        "namespace": namespace,
        "metric_name": alarm.metric,
        "statistic": statistic,
        "period": _SECONDS,
        "evaluation_periods": alarm.minutes,
        "datapoints_to_alarm": alarm.minutes,
        "threshold": alarm.above,
        "comparison_operator": "GreaterThanThreshold",
        "treat_missing_data": "notBreaching",
    }


def _dimensions(args: EndpointAlarmsArgs, metric: EndpointMetric) -> dict[str, str]:
    variant = {} if metric in OF_ENDPOINTS else {"VariantName": args.variant_name}
    return {"EndpointName": args.endpoint_name, **variant}
