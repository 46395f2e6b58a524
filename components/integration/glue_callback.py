"""A SageMaker pipeline step executed by Glue, through a Callback step and its queue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.integration.event_queue import RETENTION_SECONDS, closed
from components.integration.glue_callback_steps import GlueCallbackSteps, definition
from components.integration.step_machine import step_machine
from settings.data.glue_step import GlueStep
from settings.data.ml_layout import build_input_affixes

MAX_RECEIVES = 5
"""Delivery attempts after which a message moves to the dead-letter queue."""
START_MINUTES = 30
"""Minutes that a run may spend waiting and starting, in addition to its timeout."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GlueCallbackArgs:
    """Arguments of :class:`GlueCallback`."""

    label: str
    """Name of the step in the account: ``fraud-development-intake-card-history``."""

    step: GlueStep
    """Settings of the step."""

    script: str
    """Source text of the script. The key of its S3 object is derived from its hash."""

    account_id: pulumi.Input[str]
    """Id of the account of all resources."""

    organization_id: pulumi.Input[str]
    """Id of the organization. Roles of others cannot send to the queue."""

    queue_name: str
    """Name of the queue, which begins with the name of its use case."""

    sender_arn: pulumi.Input[str]
    """ARN of the pipeline role that may send to the queue."""

    dead_letter_queue_url: pulumi.Input[str]
    """URL of the dead-letter queue, for messages whose failure could not be reported to the pipeline."""

    dead_letter_queue_arn: pulumi.Input[str]
    """ARN of the same queue, for messages that could not be received."""

    table: pulumi.Input[str]
    """Name of the table of claims."""

    bucket_name: pulumi.Input[str]
    """Name of the environment's ML bucket."""

    script_bucket: pulumi.Input[str]
    """Name of the bucket for scripts."""

    tables: Sequence[pulumi.Input[str]]
    """Tables that the job reads, as ``database.table``, passed to the script as ``--tables``."""

    job_role_name: str
    """Name of the role of the job."""

    job_permissions: Sequence[Statement]
    """Permissions of the job's role."""

    machine_role_arn: pulumi.Input[str]
    """ARN of the state machine's role."""

    pipe_role_arn: pulumi.Input[str]
    """ARN of the pipe's role."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    journal_arn: pulumi.Input[str]
    """ARN of the log group for the state machine's logs, with the suffix ``:*``."""

    security_configuration: pulumi.Input[str]
    """Name of the Glue security configuration with the key."""

    connections: Sequence[pulumi.Input[str]]
    """Names of the Glue connections to the environment's network."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class GlueCallback(pulumi.ComponentResource):
    """A Glue job that a pipeline's Callback step starts and waits for (INT-02).

    A pipe receives each message from the queue and starts the state machine. The state machine claims the message's
    token, runs the job and reports success, failure or timeout to the pipeline.

    Creates: the queue with its policy; the pipe; the state machine; the job with its script and its role.

    Outputs: ``queue_url``.

    Cost: 0.44 USD per DPU-hour of its runs; 0.40 USD per million messages, and the same amount for the pipe.

    Example::

        GlueCallback("card-history", GlueCallbackArgs(
            label="fraud-development-intake-card-history", step=step, script=text, queue_name=..., ...,
        ))
    """

    queue_url: pulumi.Output[str]
    """URL of the queue, for the author of the pipeline."""

    def __init__(self, name: str, args: GlueCallbackArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:GlueCallback", name, None, opts)
        self._name, self._args = name, args
        self._own = pulumi.ResourceOptions(parent=self)
        queue = self._queue()
        self._job()
        known = pulumi.Output.all(args.table, args.dead_letter_queue_url, args.bucket_name)
        machine = step_machine(
            name,
            label=args.label,
            role_arn=args.machine_role_arn,
            definition=known.apply(lambda values: definition(_steps(args, *values))),
            key_arn=args.key_arn,
            journal_arn=args.journal_arn,
            parent=self,
        )
        self._pipe(queue, machine)
        self.queue_url = queue.url
        self.register_outputs({"queue_url": self.queue_url})

    def _queue(self) -> aws.sqs.Queue:
        args = self._args
        redrive = pulumi.Output.from_input(args.dead_letter_queue_arn).apply(
            lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_RECEIVES})
        )
        queue = aws.sqs.Queue(
            f"{self._name}-queue",
            name=args.queue_name,
            kms_master_key_id=args.key_arn,
            message_retention_seconds=RETENTION_SECONDS,
            visibility_timeout_seconds=60,
            redrive_policy=redrive,
            opts=self._own,
        )
        refuse_others = Statement(
            sid="RefuseOthersThanItsPipelines",
            effect="Deny",
            principals="*",
            actions=["sqs:SendMessage"],
            resources=[queue.arn],
            conditions={"ArnNotEquals": {"aws:PrincipalArn": args.sender_arn}},
        )
        aws.sqs.QueuePolicy(
            f"{self._name}-queue-policy",
            queue_url=queue.url,
            policy=policy_document(refuse_others, *closed(queue.arn, args.organization_id)),
            opts=self._own,
        )
        return queue

    def _pipe(self, queue: aws.sqs.Queue, machine: aws.sfn.StateMachine) -> None:
        """Creates the pipe, which starts one execution per message so that messages fail independently."""
        aws.pipes.Pipe(
            f"{self._name}-pipe",
            name=self._args.label,
            description=f"Starts {self._args.label} for each message",
            role_arn=self._args.pipe_role_arn,
            source=queue.arn,
            source_parameters=aws.pipes.PipeSourceParametersArgs(
                sqs_queue_parameters=aws.pipes.PipeSourceParametersSqsQueueParametersArgs(batch_size=1)
            ),
            target=machine.arn,
            target_parameters=aws.pipes.PipeTargetParametersArgs(
                step_function_state_machine_parameters=aws.pipes.PipeTargetParametersStepFunctionStateMachineParametersArgs(
                    invocation_type="FIRE_AND_FORGET"
                )
            ),
            opts=self._own,
        )

    def _job(self) -> None:
        args, step = self._args, self._args.step
        script = aws.s3.BucketObjectv2(
            f"{self._name}-script",
            bucket=args.script_bucket,
            key=f"{self._name}/{sha256(args.script.encode()).hexdigest()[:16]}.py",
            content=args.script,
            content_type="text/x-python",
            opts=self._own,
        )
        role = BoundedRoleArgs(
            role_name=args.job_role_name,
            description=f"Runs the script of {args.label}",
            trust=service_trust("glue", account_id=args.account_id),
            permissions=args.job_permissions,
            boundary_arn=args.boundary_arn,
        )
        aws.glue.Job(
            f"{self._name}-job",
            name=args.label,
            description=f"{step.script} for {step.use_case}",
            role_arn=BoundedRole(f"{self._name}-role", role, self._own).arn,
            glue_version=step.glue_version,
            worker_type=step.worker_type,
            number_of_workers=step.workers,
            timeout=step.timeout_minutes,
            # Runs that would exceed the concurrency limit are queued, and Glue then accepts no retries.
            job_run_queuing_enabled=True,
            max_retries=0,
            execution_property=aws.glue.JobExecutionPropertyArgs(max_concurrent_runs=1),
            command=aws.glue.JobCommandArgs(
                script_location=pulumi.Output.concat("s3://", script.bucket, "/", script.key), python_version="3"
            ),
            connections=list(args.connections),
            security_configuration=args.security_configuration,
            default_arguments=_arguments(args),
            opts=self._own,
        )


def _arguments(args: GlueCallbackArgs) -> dict[str, pulumi.Input[str]]:
    """Returns the job's default arguments. The state machine adds the output location and the author's arguments."""
    reads: dict[str, pulumi.Input[str]] = {}
    if args.tables:
        reads = {
            "--tables": pulumi.Output.all(*args.tables).apply(lambda known: ",".join(known)),
            "--enable-lakeformation-fine-grained-access": "true",
        }
    return {
        **reads,
        "--enable-continuous-cloudwatch-log": "true",
        "--enable-metrics": "true",
        "--enable-glue-datacatalog": "true",
    }


def _steps(args: GlueCallbackArgs, table: str, queue_url: str, bucket: str) -> GlueCallbackSteps:
    location_prefix, location_suffix = build_input_affixes(args.step.use_case)
    return GlueCallbackSteps(
        label=args.label,
        table=table,
        queue_url=queue_url,
        job=args.label,
        location_prefix=f"s3://{bucket}/{location_prefix}",
        location_suffix=location_suffix,
        timeout_seconds=(args.step.timeout_minutes + START_MINUTES) * 60,
    )
