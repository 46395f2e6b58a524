"""Comparison of the traffic of an endpoint with the baseline of the served version, on a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import pulumi

from components.batch.start_rule import StartRule, StartRuleArgs
from components.monitoring.zero_alarm import WatchedMetric, alarm_above_zero, errors_of, messages_in
from components.serving.prediction_function import PredictionFunction, PredictionFunctionArgs
from components.serving.serving_place import ServingPlace

START_SECONDS = 120
"""Time limit of a start, in which the function stores the code of the job."""
_DESCRIPTION = "Starts the comparison of captured requests with the baseline"
Window = Literal["hour", "day"]
SECONDS: Mapping[Window, int] = MappingProxyType({"hour": 3600, "day": 86_400})
WATCHED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "drift": ("DriftedColumns", "Columns of requests to {} differ from the data of training"),
        "data-quality": (
            "DataQualityFindings",
            "Columns of requests to {} are missing, of another type or outside of the data of training",
        ),
        "stopped": ("PredictionsStopped", "Predictions of {} are stopped"),
        "model-quality": ("WorseDays", "By ground truth, predictions of {} are worse than those on validation data"),
    }
)
"""Metric of each alarm, and what it says of an endpoint, by the last part of the name of the alarm."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointMonitorArgs:
    """Arguments of :class:`EndpointMonitor`."""

    place: ServingPlace
    """Names, network, key and topic of the environment."""

    endpoint_name: pulumi.Input[str]
    """Name of the endpoint. The comparison changes only after the endpoint."""

    environment: str
    """Name of the environment, which the metrics have as a dimension: ``production``."""

    metrics_namespace: str
    """Namespace of the metrics that the job publishes: ``plinth/fraud/scoring``."""

    window: Window
    """Time that a comparison covers."""

    schedule: str
    """Schedule expression, in UTC: ``cron(20 * * * ? *)``."""

    code: pulumi.Archive
    """Files of the function, with those of the job, its request and its subject."""

    handler: str
    """Module and function that Lambda calls: ``plinth_project.monitoring.start.handle``."""

    role_arn: str
    """ARN of the role of the function, which may start the job with the role for monitoring."""

    dead_letter_queue_arn: str
    """ARN of the queue for events that do not reach the function."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to those of the stack."""


class EndpointMonitor(pulumi.ComponentResource):
    """Compares captured requests and predictions of each window with the baseline that was registered with the served
    version (MON-01, MON-04).

    A processing job compares. It has a role of its own, which changes no endpoint, and publishes its report in the ML
    bucket and metrics in CloudWatch. The alarms notify people. They are not alarms of a deployment, because other data
    is no reason to return to an earlier version.

    Creates: the function that starts the job, with its log group; the rule of the schedule with target and permission;
    alarms on drifted columns, the quality of data and of predictions, stopped predictions, failed comparisons and lost
    events.

    Outputs: ``function_name``.

    Raises: ValueError outside the limits of Lambda.

    Cost: 0.60 USD a month for the alarms, and the instance of the job by the second.

    Example::

        EndpointMonitor("monitor", EndpointMonitorArgs(
            place=place, endpoint_name=service.endpoint_name, environment="production",
            metrics_namespace="plinth/fraud/scoring", window="hour", schedule="cron(20 * * * ? *)", code=code,
            handler="plinth_project.monitoring.start.handle", role_arn=role_arn, dead_letter_queue_arn=queue_arn,
        ))
    """

    function_name: pulumi.Output[str]
    """Name of the function, which also starts the comparison of a requested window."""

    def __init__(self, name: str, args: EndpointMonitorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:serving:EndpointMonitor", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        function = self._function()
        rule = StartRuleArgs(
            rule_name=args.place.monitor_function_name,
            function_name=function.function_name,
            function_arn=function.function_arn,
            dead_letter_queue_arn=args.dead_letter_queue_arn,
            schedule=args.schedule,
            description=_DESCRIPTION,
        )
        StartRule(name, rule, self._child)
        for suffix, (metric, what) in WATCHED.items():
            self._on_finding(suffix, metric, what)
        self._on_failed_jobs()
        self._on_lost_events()
        self.function_name = function.function_name
        self.register_outputs({"function_name": self.function_name})

    def _function(self) -> PredictionFunction:
        args, place = self._args, self._args.place
        function = PredictionFunctionArgs(
            function_name=place.monitor_function_name,
            description=_DESCRIPTION,
            code=args.code,
            handler=args.handler,
            role_arn=args.role_arn,
            variables={"ENDPOINT_NAME": args.endpoint_name},
            subnet_ids=place.subnet_ids,
            security_group_ids=place.security_group_ids,
            key_arn=place.key_arn,
            log_retention_days=place.log_retention_days,
            timeout_seconds=START_SECONDS,
            tags=args.tags,
        )
        return PredictionFunction(self._name, function, self._child)

    def _on_finding(self, suffix: str, metric: str, what: str) -> None:
        args = self._args
        found = WatchedMetric(
            namespace=args.metrics_namespace,
            name=metric,
            dimensions={"Environment": args.environment},
            seconds=SECONDS[args.window],
        )
        text = f"{what.format(args.place.prefix)}; plinth monitor shows it"
        # A window without a comparison, or without new ground truth, says nothing new.
        self._alarm(suffix, found, text, missing="ignore")

    def _on_failed_jobs(self) -> None:
        """Tells of errors of the function, which fails also if the job before has failed. Without it, a comparison that
        always fails would look like one that finds nothing."""
        function = self._args.place.monitor_function_name
        text = f"A comparison of requests to {self._args.place.prefix} failed; the reason is in /aws/lambda/{function}"
        self._alarm("monitor-errors", errors_of(function), text)

    def _on_lost_events(self) -> None:
        queue = self._args.dead_letter_queue_arn.rpartition(":")[2]
        text = f"The queue {queue} has events that started no comparison"
        self._alarm("monitor-failures", messages_in(queue), text)

    def _alarm(
        self,
        suffix: str,
        metric: WatchedMetric,
        text: str,
        *,
        missing: Literal["ignore", "notBreaching"] = "notBreaching",
    ) -> None:
        alarm_above_zero(
            f"{self._name}-{suffix}",
            metric,
            name=f"{self._args.place.prefix}-{suffix}",
            text=text,
            topic_arn=self._args.place.topic_arn,
            opts=self._child,
            tags=self._args.tags,
            tells_the_end=True,
            missing=missing,
        )
