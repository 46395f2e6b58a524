"""An intake: a table of the lake copied for a use case, each time that something starts it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.integration.arrival_rule import HOURS_OF_RETRIES, arrival_pattern
from components.integration.intake_steps import IntakeSteps, definition
from components.integration.step_machine import step_machine
from settings.data import intake as settings
from settings.data.dataset import Dataset
from settings.data.ml_layout import build_input_affixes


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeArgs:
    """Arguments of :class:`Intake`."""

    label: str
    """Its name in the account: ``fraud-production-intake-daily-cards``."""

    intake: settings.Intake
    """What is copied, when, and for whom."""

    dataset: Dataset
    """Of which."""

    columns: Sequence[str]
    """The columns that are copied."""

    workgroup: str
    """In which the environment asks."""

    pipeline: str | None
    """Whole name of the pipeline that is started on the copy, if one is."""

    table: pulumi.Input[str]
    """Table of claims."""

    queue_url: pulumi.Input[str]
    """Where failures are told."""

    queue_arn: pulumi.Input[str]
    """The same queue: where events end that started nothing."""

    bucket_name: pulumi.Input[str]
    """Where copies go."""

    database: pulumi.Input[str]
    """What the environment calls the database that is asked."""

    role_arn: pulumi.Input[str]
    """Role that asks, copies and claims."""

    start_role_arn: pulumi.Input[str]
    """Role in whose name EventBridge starts it."""

    key_arn: pulumi.Input[str]
    """KMS key of the state machine's definition and of what went through it."""

    journal_arn: pulumi.Input[str]
    """Log group of its records, with ``:*`` behind it."""

    bus_name: pulumi.Input[str] | None
    """Bus that tells of arrivals, where they start it."""

    zone_bucket: pulumi.Input[str]
    """Bucket of the lake in which the dataset lies."""


class Intake(pulumi.ComponentResource):
    """A state machine that copies once for each event, and what starts it (INT-03 to INT-06, INT-09).

    Creates: the state machine, encrypted, traced and logged without what went through it; where there is a schedule, a
    rule for the clock with its target; where arrivals start it, a rule on the bus with its target.

    Args: see :class:`IntakeArgs`.

    Outputs: ``state_machine_arn``.

    Raises: nothing of its own.

    Cost: 0.025 USD per 1,000 steps, about eight for a copy; the query by what it scans.

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
    """What rules start, and people who try again."""

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
            self._by_the_clock(name, args, args.intake.schedule, machine)
        if args.intake.on_arrival:
            self._on_arrival(name, args, machine)
        self.state_machine_arn = machine.arn
        self.register_outputs({"state_machine_arn": self.state_machine_arn})

    def _by_the_clock(self, name: str, args: IntakeArgs, schedule: str, machine: aws.sfn.StateMachine) -> None:
        """The scheduled time says what an execution is about: an event that is delivered twice has the same."""
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
        """An object's version says what an execution is about: S3 may tell of it twice."""
        rule = aws.cloudwatch.EventRule(
            f"{name}-arrival",
            name=f"{args.label}-arrival",
            description=f"Something arrived for {args.label}",
            event_bus_name=args.bus_name,
            event_pattern=arrival_pattern([args.zone_bucket], [args.dataset.prefix(args.intake.part)]),
            opts=pulumi.ResourceOptions(parent=self),
        )
        told = {"bucket": "bucket.name", "key": "object.key", "version": "object.version-id", "etag": "object.etag"}
        start(
            f"{name}-arrival-target",
            args,
            rule,
            machine.arn,
            paths={short: f"$.detail.{path}" for short, path in told.items()},
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
    """Have a rule start the intake with ``event``, in which names in angle brackets stand for ``paths`` of its own."""
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
        dead_letter_config=aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=args.queue_arn),
        retry_policy=aws.cloudwatch.EventTargetRetryPolicyArgs(
            maximum_event_age_in_seconds=HOURS_OF_RETRIES * 3600, maximum_retry_attempts=185
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _definition(args: IntakeArgs) -> pulumi.Output[str]:
    known = pulumi.Output.all(args.table, args.queue_url, args.bucket_name, args.database)
    return known.apply(lambda values: definition(_steps(args, *values)))


def _steps(args: IntakeArgs, table: str, queue_url: str, bucket: str, database: str) -> IntakeSteps:
    before, behind = build_input_affixes(args.intake.use_case)
    return IntakeSteps(
        label=args.label,
        table=table,
        queue_url=queue_url,
        workgroup=args.workgroup,
        database=database,
        dataset_table=args.dataset.table,
        columns=args.columns,
        rows=args.intake.rows,
        before=f"s3://{bucket}/{before}",
        behind=behind,
        pipeline=args.pipeline,
        settle_seconds=args.intake.settle_minutes * 60 if args.intake.on_arrival else None,
        timeout_seconds=args.intake.timeout_minutes * 60,
    )
