"""The rules that start a retraining: drift in production, new data in the lake, and a schedule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.delivery.push_rule import build_input
from components.integration.dead_letter_queue import kept_if_undelivered
from settings.derived.use_case_names import MAIN
from settings.types.aws.use_case_builds import BRANCH, REASON, REPORT, RETRAIN, SERVED_VERSION, TASK

COMPARISON = "Model Comparison"
"""Detail type of the events of monitoring."""
VERDICTS = ("drift", "worse")
"""Verdicts that start a retraining: requests or predictions have drifted, or ground truth says that the served version
has become worse."""


NEW_DATA = "new data of the job "
"""Reason of a retraining before the name of the job."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrainingRulesArgs:
    """Arguments of :class:`RetrainingRules`."""

    label: str
    """Team and use case, for the descriptions."""

    drift_rule_name: str
    """Name of the rule for drift, up to 64 characters (an EventBridge limit)."""

    data_rule_name: str
    """Name of the rule for new data."""

    schedule_rule_name: str
    """Name of the rule of the schedule."""

    event_source: str
    """Source of the events of monitoring: ``fraud.scoring``."""

    bus_name: pulumi.Input[str] | None
    """Name of the bus that receives the events of production. None starts nothing by drift."""

    data_bus_name: pulumi.Input[str] | None
    """Name of the bus that receives the events of ETL jobs in the lake. None starts nothing by new data."""

    schedule: str | None
    """Schedule expression, in UTC: ``cron(0 4 ? * MON *)``. None starts nothing by schedule."""

    project_arn: pulumi.Input[str]
    """ARN of the CodeBuild project to start."""

    role_arn: pulumi.Input[str]
    """ARN of the role with which EventBridge starts the project."""

    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the queue for starts that could not be delivered."""


class RetrainingRules(pulumi.ComponentResource):
    """Rules that start builds of ``main`` which train the served model again (MON-05, TR-12, CI-12). The build decides
    whether a retraining may start, and ends with a version that waits for approval at most.

    Creates: a rule with its target for drift, for new data, and for the schedule, if they are given.

    Outputs: none.

    Cost: the builds and jobs that it starts.

    Example::

        RetrainingRules("retraining", RetrainingRulesArgs(
            label="fraud/scoring", drift_rule_name="fraud--scoring-drift", data_rule_name="fraud--scoring-data",
            schedule_rule_name="fraud--scoring-retraining", event_source="fraud.scoring", bus_name=bus.bus_name,
            data_bus_name=None, schedule="cron(0 4 ? * MON *)", project_arn=build.arn, role_arn=starter.arn,
            dead_letter_queue_arn=queue.arn,
        ))
    """

    def __init__(self, name: str, args: RetrainingRulesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:RetrainingRules", name, None, opts)
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=self)
        if args.bus_name is not None:
            self._on_drift(args.bus_name)
        if args.data_bus_name is not None:
            self._on_data(args.data_bus_name)
        if args.schedule is not None:
            self._on_schedule(args.schedule)
        self.register_outputs({"project_arn": args.project_arn})

    def _on_drift(self, bus_name: pulumi.Input[str]) -> None:
        args = self._args
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-drift",
            name=args.drift_rule_name,
            description=f"{args.label} in production has drifted, or its predictions have become worse",
            event_bus_name=bus_name,
            event_pattern=json.dumps(_drift(args.event_source)),
            opts=self._child,
        )
        # The text of an event reaches variables of the build only, never its commands or its source.
        transformer = aws.cloudwatch.EventTargetInputTransformerArgs(
            input_paths={name: f"$.detail.{name}" for name in ("reason", "report", "version")},
            input_template=_input({REASON: "<reason>", REPORT: "<report>", SERVED_VERSION: "<version>"}),
        )
        self._target("drift", rule, bus_name=bus_name, transformer=transformer)

    def _on_data(self, bus_name: pulumi.Input[str]) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-data",
            name=self._args.data_rule_name,
            description=f"The lake has new data for {self._args.label}",
            event_bus_name=bus_name,
            event_pattern=json.dumps(ended_jobs()),
            opts=self._child,
        )
        transformer = aws.cloudwatch.EventTargetInputTransformerArgs(
            input_paths={"job": "$.detail.jobName"}, input_template=_input({REASON: f"{NEW_DATA}<job>"})
        )
        self._target("data", rule, bus_name=bus_name, transformer=transformer)

    def _on_schedule(self, schedule: str) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-schedule",
            name=self._args.schedule_rule_name,
            description=f"Trains the served model of {self._args.label} again",
            schedule_expression=schedule,
            opts=self._child,
        )
        self._target("schedule", rule, text=_input({REASON: "schedule"}))

    def _target(
        self,
        suffix: str,
        rule: aws.cloudwatch.EventRule,
        *,
        bus_name: pulumi.Input[str] | None = None,
        text: str | None = None,
        transformer: aws.cloudwatch.EventTargetInputTransformerArgs | None = None,
    ) -> None:
        args = self._args
        aws.cloudwatch.EventTarget(
            f"{self._name}-{suffix}-target",
            rule=rule.name,
            event_bus_name=bus_name,
            target_id="build",
            arn=args.project_arn,
            role_arn=args.role_arn,
            input=text,
            input_transformer=transformer,
            **kept_if_undelivered(args.dead_letter_queue_arn),
            opts=self._child,
        )


def _input(variables: Mapping[str, str]) -> str:
    return build_input(MAIN, {BRANCH: MAIN, TASK: RETRAIN, **variables})


def ended_jobs(*names: str) -> dict[str, object]:
    """Returns the pattern of Glue jobs that have succeeded: those of some names, or all (Glue Developer Guide,
    "Automating Glue with EventBridge", read 2026-11-28)."""
    detail: dict[str, object] = {"state": ["SUCCEEDED"], **({"jobName": list(names)} if names else {})}
    return {"source": ["aws.glue"], "detail-type": ["Glue Job State Change"], "detail": detail}


def _drift(source: str) -> dict[str, object]:
    """Returns the pattern of results in production that start a retraining. Wrong data of callers is no reason to train
    with it."""
    return {
        "source": [source],
        "detail-type": [COMPARISON],
        "detail": {"environment": ["production"], "verdict": list(VERDICTS)},
    }
