"""Permissions of a Glue callback step's roles: for its pipe, its state machine and its job."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.data_lake.etl.etl_permissions import EtlScope, run_in_glue
from components.identity.iam.statements import Statement
from components.integration.intake_permissions import log_and_trace_permissions
from settings.data.ml_layout import build_input_affixes

EVERYTHING = ["*"]
"""All resources, for actions that accept no narrower one (Service Authorization Reference)."""
GLUE_STEP_ACTIONS = (
    "dynamodb:GetItem", "ec2:CreateTags", "ec2:DeleteTags", "glue:BatchStopJobRun", "glue:StartJobRun",
    "logs:AssociateKmsKey", "sagemaker:SendPipelineExecutionStep*", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
    "states:StopExecution",
)  # fmt: skip
"""Actions that Glue callback steps require in addition to those of workloads and ingestion."""


def pipe_permissions(
    *, queue_arns: Sequence[pulumi.Input[str]], machine_arns: Sequence[pulumi.Input[str]], key_arn: pulumi.Input[str]
) -> list[Statement]:
    """Allows receiving messages from the queues and starting the state machines."""
    return [
        Statement(
            sid="TakeMessages",
            actions=["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            resources=queue_arns,
        ),
        Statement(sid="ReadMessages", actions=["kms:Decrypt"], resources=[key_arn]),
        Statement(sid="StartSteps", actions=["states:StartExecution"], resources=machine_arns),
    ]


def machine_permissions(
    scope: EtlScope,
    *,
    jobs: Sequence[str],
    use_cases: Sequence[str],
    table_arn: pulumi.Input[str],
    queue_arn: pulumi.Input[str],
) -> list[Statement]:
    """Allows claiming a token, running or stopping the job, and reporting to the pipeline, but no access to the job's
    data."""
    return [
        Statement(sid="Claim", actions=["dynamodb:GetItem", "dynamodb:PutItem"], resources=[table_arn]),
        Statement(
            sid="StopRuns",
            actions=["states:StopExecution"],
            # A job and its state machine have the same name.
            resources=[scope.arn("states", f"execution:{job}:*") for job in jobs],
        ),
        Statement(
            sid="RunJobs",
            actions=["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"],
            resources=[scope.arn("glue", f"job/{job}") for job in jobs],
        ),
        Statement(
            sid="TellPipelines",
            actions=["sagemaker:SendPipelineExecutionStepFailure", "sagemaker:SendPipelineExecutionStepSuccess"],
            # A pipeline or one of its executions: `pipeline/<name>/execution/<id>`.
            resources=[scope.arn("sagemaker", f"pipeline/{prefix}-*") for prefix in use_cases],
        ),
        Statement(sid="KeepMessages", actions=["sqs:SendMessage"], resources=[queue_arn]),
        Statement(sid="UseTheKey", actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[scope.key_arn]),
        *log_and_trace_permissions(),
    ]


def job_permissions(
    scope: EtlScope,
    *,
    label: str,
    use_case: str,
    bucket_arn: pulumi.Input[str],
    script_arn: pulumi.Input[str],
    tables: Sequence[pulumi.Input[str]],
) -> list[Statement]:
    """Allows reading the script, reading tables granted by Lake Formation, and writing to the use case's inputs."""
    folder = "{}*{}".format(*build_input_affixes(use_case))
    return [
        Statement(sid="ReadItsScript", actions=["s3:GetObject"], resources=[script_arn]),
        Statement(
            sid="SeeInputs",
            actions=["s3:GetBucketLocation", "s3:ListBucket"],
            resources=[bucket_arn],
            conditions={"StringLikeIfExists": {"s3:prefix": f"{folder}*"}},
        ),
        Statement(
            sid="WriteInputs",
            actions=["s3:AbortMultipartUpload", "s3:PutObject"],
            resources=[pulumi.Output.concat(bucket_arn, f"/{folder}*")],
        ),
        Statement(
            sid="UseTheKey",
            actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            resources=[scope.key_arn],
        ),
        *run_in_glue(scope, label),
        *(_read(scope, tables) if tables else []),
    ]


def _read(scope: EtlScope, tables: Sequence[pulumi.Input[str]]) -> list[Statement]:
    return [
        Statement(
            sid="SeeTables",
            actions=["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable"],
            # The lake's data catalog belongs to another account; the permissions boundary limits the accounts.
            resources=[f"arn:aws:glue:{scope.region}:*:catalog", *tables],
        ),
        Statement(sid="ReachGrantedData", actions=["lakeformation:GetDataAccess"], resources=EVERYTHING),
    ]
