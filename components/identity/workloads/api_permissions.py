"""What it takes to ask a data API, and what the API asks with, as statements."""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.workload_permissions import EVERYTHING, WorkloadScope, see_tables
from settings.data.ml_layout import QueryResults

API_SERVICE = "apigateway"
API_WORK = ("execute-api:Invoke",)
"""What a data API adds to the work of an environment that has it."""
STAGE = "v1"
"""Of a data API, in its URL."""


def ask_data_api(scope: WorkloadScope) -> list[Statement]:
    """Any request to the environment's API, which says itself whom it answers; only through an endpoint (ST-19)."""
    return [
        Statement(
            sid="AskTheDataApi",
            actions=["execute-api:Invoke"],
            # API Gateway makes an API's identifier up; an account has those of its environments.
            resources=[scope.arn("execute-api", f"*/{STAGE}/*")],
            conditions={"Null": {"aws:SourceVpce": "false"}},
        )
    ]


def answer_requests(scope: WorkloadScope, workgroup: str) -> list[Statement]:
    """Asking the lake in a workgroup of its own, whose answers it alone gives: others' queries are not its to show."""
    answers = QueryResults(workgroup=workgroup).prefix
    return [
        Statement(
            sid="Ask",
            actions=[
                "athena:GetDataCatalog",
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:GetWorkGroup",
                "athena:StartQueryExecution",
            ],
            resources=[
                scope.arn("athena", f"workgroup/{workgroup}"),
                scope.arn("athena", "datacatalog/AwsDataCatalog"),
            ],
        ),
        see_tables(scope.region),
        Statement(sid="ReachGrantedData", actions=["lakeformation:GetDataAccess"], resources=EVERYTHING),
        Statement(
            sid="SeeAnswers",
            actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            resources=[scope.bucket_arn],
            conditions={"StringLikeIfExists": {"s3:prefix": [f"{answers}*"]}},
        ),
        Statement(
            sid="KeepAnswers",
            actions=["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            resources=[pulumi.Output.concat(scope.bucket_arn, f"/{answers}*")],
        ),
        Statement(sid="UseTheKey", actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[scope.key_arn]),
    ]


def write_api_logs(region: str, account_id: pulumi.Input[str]) -> list[Statement]:
    """What API Gateway writes logs of an account with ("Permissions for CloudWatch logging" of its Developer Guide)."""
    groups = pulumi.Output.concat(f"arn:aws:logs:{region}:", account_id, ":log-group:/plinth/*")
    return [
        Statement(
            sid="WriteLogs",
            actions=[
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:FilterLogEvents",
                "logs:GetLogEvents",
                "logs:PutLogEvents",
            ],
            resources=[groups],
        ),
        Statement(sid="FindLogs", actions=["logs:DescribeLogGroups"], resources=EVERYTHING),
    ]
