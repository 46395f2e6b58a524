"""Permissions to call a data API, and permissions of the API's own role."""

from __future__ import annotations

import pulumi

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement
from components.identity.workloads.query_permissions import query_in_workgroup
from components.identity.workloads.workload_permissions import EVERYTHING, WorkloadScope

API_SERVICE = "apigateway"
API_ACTIONS = ("execute-api:Invoke",)
"""Actions that a data API requires in addition to those of workloads."""
STAGE = "v1"
"""Stage of a data API, which is part of its URL."""


def call_data_api(scope: WorkloadScope) -> list[Statement]:
    """Allows all requests to the environment's API, through a VPC endpoint only (ST-19). The API's policy names its
    callers."""
    return [
        Statement(
            sid="AskTheDataApi",
            actions=["execute-api:Invoke"],
            # API Gateway assigns an API's id, and the account only contains APIs of its environments.
            resources=[scope.arn("execute-api", f"*/{STAGE}/*")],
            conditions={"Null": {"aws:SourceVpce": "false"}},
        )
    ]


def serve_data_api(scope: WorkloadScope, workgroup: str) -> list[Statement]:
    """Allows queries of the lake in the API's own workgroup, so that the API cannot return results of other
    workgroups."""
    return [
        *query_in_workgroup(scope.region, scope.account_id, scope.bucket_arn, workgroup),
        Statement(sid="UseTheKey", actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[scope.key_arn]),
    ]


def write_api_logs(region: str, account_id: pulumi.Input[str]) -> list[Statement]:
    """Allows writing the logs of an account's APIs (API Gateway Developer Guide, "Permissions for CloudWatch
    logging")."""
    groups = arn_of("logs", region, account_id, "log-group:/plinth/*")
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
