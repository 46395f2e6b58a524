"""Ingestion: copies a table of the data lake for a use case whenever an event starts it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.integration.arrival_rule import arrival_pattern
from components.integration.dead_letter_queue import kept_if_undelivered
from components.integration.intake_steps import FeatureCheck, IntakeSteps, definition
from components.integration.step_machine import step_machine
from settings.data import intake as settings
from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.data.ml_layout import COMPLETE, build_input_affixes


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeArgs:
    """Arguments of :class:`Intake`."""

    label: str
    """Name of the ingestion in the account: ``fraud-production-intake-daily-cards``."""

    intake: settings.Intake
    """Settings of the ingestion: what it copies, when and for which use case."""

    dataset: Dataset
    """Dataset that is copied."""

    columns: Sequence[str]
    """Names of the columns that are copied."""

    workgroup: str
    """Name of the environment's Athena workgroup."""

    pipeline: str | None
    """Full name of the pipeline started on the copy, or None."""

    table: pulumi.Input[str]
    """Name of the table of claims."""

    queue_url: pulumi.Input[str]
    """URL of the queue for failure reports."""

    queue_arn: pulumi.Input[str]
    """ARN of the same queue, the dead-letter queue for events that could not start it."""

    bucket_name: pulumi.Input[str]
    """Name of the bucket that receives the copies."""

    database: pulumi.Input[str]
    """Name of the database in the environment's Glue Data Catalog."""

    role_arn: pulumi.Input[str]
    """ARN of the role that queries, copies and claims."""

    start_role_arn: pulumi.Input[str]
    """ARN of the role with which EventBridge starts the state machine."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the state machine's definition and execution data."""

    journal_arn: pulumi.Input[str]
    """ARN of the log group for the state machine's logs, with the suffix ``:*``."""

    bus_name: pulumi.Input[str] | None
    """Name of the bus with arrival events. None if arrivals do not start the ingestion."""

    zone_bucket: pulumi.Input[str]
    """Name of the data lake's bucket that contains the dataset."""

    feature_group: FeatureGroup | None = None
    """Feature group for whose records the ingestion waits, or None."""

    features_database: pulumi.Input[str] = ""
    """Name of the database of offline stores in the environment's Glue Data Catalog. Required with a feature group."""


class Intake(pulumi.ComponentResource):
    """A state machine that makes one copy per event, and the rules that start it (INT-03 to INT-06, INT-09).

    Creates: the state machine, encrypted, traced and logged without execution data; with a schedule, a scheduled rule
    and its target; with arrivals, a rule on the bus and its target.

    Outputs: ``state_machine_arn``.

    Cost: 0.025 USD per 1,000 state transitions, about eight per copy and four per check for features; the queries by
    the data they scan.

    Example::

        Intake("daily-cards", IntakeArgs(
            label="fraud-production-intake-daily-cards", intake=intake, dataset=dataset, columns=["amount"],
            workgroup="fraud-production", pipeline="fraud--scoring-batch", table=claims.table_name,
            queue_url=queue.url, queue_arn=queue.arn, bucket_name=bucket_name, database="lake_inference",
            role_arn=role.arn, start_role_arn=starter.arn, key_arn=key_arn, journal_arn=journal.destination_arn,
            bus_name=None, zone_bucket=curated,
        ))
    """

    state_machine_arn: pulumi.Output[str]
    """ARN of the state machine, for rules and for people who run it again."""

    def __init__(self, name: str, args: IntakeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:Intake", name, None, opts)
        machine = step_machine(
            name,
            label=args.label,
            role_arn=args.role_arn,
            definition=_definition(args),
            key_arn=args.key_arn,
            journal_arn=args.journal_arn,
            parent=self,
        )
        if args.intake.schedule is not None:
            self._on_schedule(name, args, args.intake.schedule, machine)
        if args.intake.on_arrival:
            self._on_arrival(name, args, machine)
        self.state_machine_arn = machine.arn
        self.register_outputs({"state_machine_arn": self.state_machine_arn})

    def _on_schedule(self, name: str, args: IntakeArgs, schedule: str, machine: aws.sfn.StateMachine) -> None:
        """Creates the scheduled rule. The scheduled time identifies the event, so an event delivered twice is processed
        once."""
        rule = aws.cloudwatch.EventRule(
            f"{name}-clock",
            name=f"{args.label}-clock",
            description=f"It is time for {args.label}",
            schedule_expression=schedule,
            opts=pulumi.ResourceOptions(parent=self),
        )
        start(
            f"{name}-clock-target",
            args,
            rule,
            machine.arn,
            paths={"time": "$.time"},
            event={"claim": "clock <time>", "gather": False},
            parent=self,
        )

    def _on_arrival(self, name: str, args: IntakeArgs, machine: aws.sfn.StateMachine) -> None:
        """Creates the arrival rule. The object version identifies the event, because S3 may send an event twice."""
        rule = aws.cloudwatch.EventRule(
            f"{name}-arrival",
            name=f"{args.label}-arrival",
            description=f"Something arrived for {args.label}",
            event_bus_name=args.bus_name,
            event_pattern=arrival_pattern([args.zone_bucket], [args.dataset.prefix(args.intake.part)]),
            opts=pulumi.ResourceOptions(parent=self),
        )
        placeholders = {
            "bucket": "bucket.name",
            "key": "object.key",
            "version": "object.version-id",
            "etag": "object.etag",
        }
        start(
            f"{name}-arrival-target",
            args,
            rule,
            machine.arn,
            paths={short: f"$.detail.{path}" for short, path in placeholders.items()},
            event={"claim": "object <bucket>/<key> version <version>", "gather": True, "etag": "<etag>"},
            parent=self,
        )


def start(
    name: str,
    args: IntakeArgs,
    rule: aws.cloudwatch.EventRule,
    state_machine_arn: pulumi.Input[str],
    *,
    paths: dict[str, str],
    event: dict[str, object],
    parent: pulumi.Resource,
) -> None:
    """Creates the target that lets a rule start the ingestion with ``event``.

    Names in angle brackets stand for ``paths`` of the rule's event.
    """
    aws.cloudwatch.EventTarget(
        name,
        rule=rule.name,
        event_bus_name=rule.event_bus_name,
        target_id="intake",
        arn=state_machine_arn,
        role_arn=args.start_role_arn,
        input_transformer=aws.cloudwatch.EventTargetInputTransformerArgs(
            input_paths=paths, input_template=json.dumps(event)
        ),
        **kept_if_undelivered(args.queue_arn),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _definition(args: IntakeArgs) -> pulumi.Output[str]:
    known = pulumi.Output.all(args.table, args.queue_url, args.bucket_name, args.database, args.features_database)
    return known.apply(lambda values: definition(_steps(args, *values)))


def _steps(
    args: IntakeArgs, table: str, queue_url: str, bucket: str, database: str, features_database: str
) -> IntakeSteps:
    location_prefix, location_suffix = build_input_affixes(args.intake.use_case)
    return IntakeSteps(
        label=args.label,
        table=table,
        queue_url=queue_url,
        workgroup=args.workgroup,
        database=database,
        dataset_table=args.dataset.table,
        columns=args.columns,
        rows=args.intake.rows,
        bucket=bucket,
        location_prefix=location_prefix,
        location_suffix=location_suffix,
        pipeline=args.pipeline,
        marker=COMPLETE if args.intake.batch_inference else None,
        features=_feature_check(args, features_database),
        settle_seconds=args.intake.settle_minutes * 60 if args.intake.on_arrival else None,
        timeout_seconds=args.intake.timeout_minutes * 60,
    )


def _feature_check(args: IntakeArgs, database: str) -> FeatureCheck | None:
    wanted, group = args.intake.fresh_features, args.feature_group
    if wanted is None or group is None:
        return None
    types = {feature.name: feature.type for feature in group.features}
    return FeatureCheck(
        database=database,
        table=group.table,
        event_time=group.event_time,
        is_text=types[group.event_time] == "string",
        within_hours=wanted.within_hours,
        interval_seconds=settings.CHECK_MINUTES * 60,
        checks=1 + wanted.wait_minutes // settings.CHECK_MINUTES,
    )
