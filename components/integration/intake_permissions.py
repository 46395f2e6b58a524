"""Permissions of an environment's ingestion role: query tables, write copies, claim events, report failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement
from components.identity.workloads.query_permissions import ask_in_workgroup, reach_granted_data
from components.identity.workloads.workload_permissions import EVERYTHING
from settings.data.ml_layout import QueryResults, build_input_affixes

INTAKE_ACTIONS = (
    "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem",
    "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries", "logs:UpdateLogDelivery",
    "xray:GetSampling*", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
)  # fmt: skip
"""Actions that ingestion requires in addition to those of workloads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeScope:
    """Resources with which the ingestion of an environment works."""

    account_id: pulumi.Input[str]
    region: str
    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket."""
    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""
    workgroup: str
    """Name of the environment's Athena workgroup for the data lake."""
    databases: Sequence[pulumi.Input[str]]
    """Names of the queried databases: the environment's resource links and the databases they link to."""
    use_cases: Sequence[str]
    """Names of the use cases whose folders receive copies."""
    pipelines: Sequence[str]
    """Names of the pipelines that the ingestion starts."""
    table_arn: pulumi.Input[str]
    """ARN of the table of claims."""
    queue_arn: pulumi.Input[str]
    """ARN of the queue for failure reports."""

    def arn(self, service: str, resource: str) -> pulumi.Output[str]:
        return arn_of(service, self.region, self.account_id, resource)


def intake_permissions(scope: IntakeScope) -> list[Statement]:
    """Builds the least permissions required by the steps of the environment's ingestion."""
    return [
        *_query(scope),
        *_write(scope),
        Statement(
            sid="Claim",
            actions=["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            resources=[scope.table_arn],
        ),
        Statement(sid="TellOfFailures", actions=["sqs:SendMessage"], resources=[scope.queue_arn]),
        *_start(scope),
        *log_and_trace_permissions(),
    ]


def _query(scope: IntakeScope) -> list[Statement]:
    """Allows querying tables that Lake Formation grants. Lake Formation vends the credentials for their objects."""
    databases = [
        pulumi.Output.concat(f"arn:aws:glue:{scope.region}:*:", kind, database, below)
        for database in scope.databases
        for kind, below in (("database/", ""), ("table/", "/*"))
    ]
    return [
        ask_in_workgroup(scope.region, scope.account_id, scope.workgroup, stop=True),
        Statement(
            sid="SeeTables",
            actions=["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"],
            # The lake's data catalog belongs to another account; the permissions boundary limits the accounts.
            resources=[f"arn:aws:glue:{scope.region}:*:catalog", *databases],
        ),
        reach_granted_data(),
    ]


def _write(scope: IntakeScope) -> list[Statement]:
    """Allows writing to the inputs of the use cases, and Athena's metadata about each query."""
    inputs = [f"{before}*{behind}" for before, behind in map(build_input_affixes, scope.use_cases)]
    answers = QueryResults(workgroup=scope.workgroup).prefix
    return [
        Statement(
            sid="SeeWhatIsTaken",
            actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            resources=[scope.bucket_arn],
            conditions={"StringLikeIfExists": {"s3:prefix": [f"{folder}*" for folder in (*inputs, answers)]}},
        ),
        Statement(
            sid="WriteCopies",
            actions=["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"],
            resources=[pulumi.Output.concat(scope.bucket_arn, f"/{folder}*") for folder in (*inputs, answers)],
        ),
        Statement(
            sid="ReadAnswers",
            actions=["s3:GetObject"],
            resources=[pulumi.Output.concat(scope.bucket_arn, f"/{answers}*")],
        ),
        Statement(sid="UseTheKey", actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[scope.key_arn]),
    ]


def _start(scope: IntakeScope) -> list[Statement]:
    if not scope.pipelines:
        return []
    return [
        Statement(
            sid="StartPipelines",
            actions=["sagemaker:StartPipelineExecution"],
            resources=[scope.arn("sagemaker", f"pipeline/{name}") for name in scope.pipelines],
        )
    ]


def log_and_trace_permissions() -> list[Statement]:
    """Allows log deliveries and traces, which Step Functions sets up with the role (Step Functions Developer Guide,
    "Logging" and "Tracing").

    The resource policy that allows deliveries is created beforehand, so the role needs no permission to write one.
    """
    return [
        Statement(
            sid="DeliverRecords",
            actions=[
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:UpdateLogDelivery",
            ],
            resources=EVERYTHING,
        ),
        Statement(
            sid="Trace",
            actions=[
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ],
            resources=EVERYTHING,
        ),
    ]
