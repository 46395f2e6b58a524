"""What the role of an environment's intakes may do: ask for tables, write copies, claim, tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Statement
from settings.data.ml_layout import QueryResults, build_input_affixes

EVERYTHING = ["*"]
"""For actions that accept no narrower resource (Service Authorization Reference)."""
INTAKE_WORK = (
    "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem",
    "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries", "logs:UpdateLogDelivery",
    "xray:GetSampling*", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
)  # fmt: skip
"""What intakes take beside what work takes anywhere."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeScope:
    """The things that an environment's intakes work on."""

    account_id: pulumi.Input[str]
    region: str
    bucket_arn: pulumi.Input[str]
    """ML bucket of the environment."""
    key_arn: pulumi.Input[str]
    """Key of the environment."""
    workgroup: str
    """In which the environment asks the lake."""
    databases: Sequence[pulumi.Input[str]]
    """The databases that are asked: the environment's links to them, and what they link to."""
    use_cases: Sequence[str]
    """To whose folders they copy."""
    pipelines: Sequence[str]
    """Names of the pipelines that they start."""
    table_arn: pulumi.Input[str]
    """Table of claims."""
    queue_arn: pulumi.Input[str]
    """Where failures are told."""

    def arn(self, service: str, resource: str) -> pulumi.Output[str]:
        return pulumi.Output.concat(f"arn:aws:{service}:{self.region}:", self.account_id, f":{resource}")


def intake_permissions(scope: IntakeScope) -> list[Statement]:
    """The least that the steps of all its intakes take."""
    return [
        *_ask(scope),
        *_write(scope),
        Statement(
            sid="Claim",
            actions=["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
            resources=[scope.table_arn],
        ),
        Statement(sid="TellOfFailures", actions=["sqs:SendMessage"], resources=[scope.queue_arn]),
        *_start(scope),
        *leave_traces(),
    ]


def _ask(scope: IntakeScope) -> list[Statement]:
    """Lake Formation grants which tables, and lends the credentials for their objects."""
    databases = [
        pulumi.Output.concat(f"arn:aws:glue:{scope.region}:*:", kind, database, below)
        for database in scope.databases
        for kind, below in (("database/", ""), ("table/", "/*"))
    ]
    return [
        Statement(
            sid="Ask",
            actions=[
                "athena:GetDataCatalog",
                "athena:GetQueryExecution",
                "athena:GetWorkGroup",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            resources=[
                scope.arn("athena", f"workgroup/{scope.workgroup}"),
                scope.arn("athena", "datacatalog/AwsDataCatalog"),
            ],
        ),
        Statement(
            sid="SeeTables",
            actions=["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"],
            # The lake's catalogue is another account's; the boundary says whose may be seen.
            resources=[f"arn:aws:glue:{scope.region}:*:catalog", *databases],
        ),
        Statement(sid="ReachGrantedData", actions=["lakeformation:GetDataAccess"], resources=EVERYTHING),
    ]


def _write(scope: IntakeScope) -> list[Statement]:
    """Into inputs of their use cases; Athena besides keeps what it says about each query."""
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


def leave_traces() -> list[Statement]:
    """Step Functions sets up the delivery of its records, and its traces, in the role's name (its Developer Guide,
    "Logging" and "Tracing"). The policy that lets deliveries in is made beforehand, so no right to write one is here.
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
