"""A step of a pipeline that Glue does: a queue that the pipeline sends to, and what works on it."""

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
from components.integration.dead_letter_queue import RETENTION_SECONDS, closed
from components.integration.glue_callback_steps import GlueCallbackSteps, definition
from components.integration.step_machine import step_machine
from settings.data.glue_step import GlueStep
from settings.data.ml_layout import build_input_affixes

RECEIVES = 5
"""How often a message is tried until it is a dead letter."""
ROOM_MINUTES = 30
"""How long a run may wait for its turn, and take to begin, beside the time that it may work."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GlueCallbackArgs:
    """Arguments of :class:`GlueCallback`."""

    label: str
    """Its name in the account: ``fraud-development-intake-card-history``."""

    step: GlueStep
    """What is run, and for whom."""

    script: str
    """Text of the script; the name of its object follows from it."""

    account_id: pulumi.Input[str]
    """Where all of it is."""

    organization_id: pulumi.Input[str]
    """Nobody else's roles send to the queue."""

    queue_name: str
    """Begins with the name of its use case."""

    sender_arn: pulumi.Input[str]
    """Role of the pipelines that may send to the queue."""

    dead_letter_queue_url: pulumi.Input[str]
    """Where the steps put what they can tell nobody of."""

    dead_letter_queue_arn: pulumi.Input[str]
    """The same queue: where messages end that came to nothing."""

    table: pulumi.Input[str]
    """Table of claims."""

    bucket_name: pulumi.Input[str]
    """ML bucket of the environment."""

    script_bucket: pulumi.Input[str]
    """Bucket of the scripts."""

    tables: Sequence[pulumi.Input[str]]
    """What it reads, as ``database.table``: the script's argument ``--tables``."""

    job_role_name: str
    """Of the role that the script acts with."""

    job_permissions: Sequence[Statement]
    """What the job may do."""

    machine_role_arn: pulumi.Input[str]
    """Role of the state machine."""

    pipe_role_arn: pulumi.Input[str]
    """Role of the pipe."""

    key_arn: pulumi.Input[str]
    """Key of the environment."""

    journal_arn: pulumi.Input[str]
    """Log group of the state machine's records, with ``:*`` behind it."""

    security_configuration: pulumi.Input[str]
    """Of Glue, with the key."""

    connections: Sequence[pulumi.Input[str]]
    """Of Glue, into the environment's network."""

    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the account."""


class GlueCallback(pulumi.ComponentResource):
    """A Glue job that a pipeline's Callback step asks for, and that the pipeline waits for (INT-02).

    A pipe takes each message off the queue and starts the state machine; that claims the message's token, runs the job
    and tells the pipeline of its success, its failure or that it took too long.

    Creates: the queue with its policy; the pipe; the state machine; the job with its script and its role.

    Args: see :class:`GlueCallbackArgs`.

    Outputs: ``queue_url``.

    Raises: nothing of its own.

    Cost: 0.44 USD per DPU-hour of its runs; 0.40 USD per million messages, and as much for the pipe.

    Example::

        GlueCallback("card-history", GlueCallbackArgs(
            label="fraud-development-intake-card-history", step=step, script=text, queue_name=..., ...,
        ))
    """

    queue_url: pulumi.Output[str]
    """For the author of the pipeline."""

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
            lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": RECEIVES})
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
        """One message, one execution: what fails of one then has nothing to do with another."""
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
            # A run that would meet another waits; Glue then wants to hear nothing of retries.
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
    """What every run is told; where it writes and what the author says, the state machine adds."""
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
    before, behind = build_input_affixes(args.step.use_case)
    return GlueCallbackSteps(
        label=args.label,
        table=table,
        queue_url=queue_url,
        job=args.label,
        before=f"s3://{bucket}/{before}",
        behind=behind,
        timeout_seconds=(args.step.timeout_minutes + ROOM_MINUTES) * 60,
    )
