"""Permissions of an environment's Spark jobs, and permissions to start them."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.workload_permissions import (
    EVERYTHING,
    WorkloadScope,
    list_data,
    read_data,
    read_table_metadata,
)

SPARK_ROLE = "spark"
"""Suffix of the name of the Spark jobs' role."""
SPARK_SERVICE = "emr-serverless"
SPARK_ACTIONS = (
    "emr-serverless:CancelJobRun", "emr-serverless:Get*", "emr-serverless:List*", "emr-serverless:Start*",
)  # fmt: skip
"""Actions that Spark requires in addition to those of workloads."""


def spark_job(
    scope: WorkloadScope, *, writes: Sequence[pulumi.Input[str]], log_group_arn: pulumi.Input[str]
) -> list[Statement]:
    """Allows reading the team's data and what Lake Formation grants, and writing results to their location only."""
    return [
        list_data(scope),
        *read_data(scope),
        Statement(
            sid="WriteResults",
            actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"],
            resources=list(writes),
        ),
        Statement(sid="EncryptResults", actions=["kms:GenerateDataKey"], resources=[scope.key_arn]),
        read_table_metadata(scope.region),
        Statement(sid="ReachGrantedData", actions=["lakeformation:GetDataAccess"], resources=EVERYTHING),
        Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            resources=[pulumi.Output.concat(log_group_arn, suffix) for suffix in ("", ":*")],
        ),
        Statement(sid="FindLogs", actions=["logs:DescribeLogGroups"], resources=EVERYTHING),
    ]


def start_spark(scope: WorkloadScope) -> list[Statement]:
    """Allows starting, viewing and cancelling jobs on the environment's application, with the Spark role only."""
    return [
        Statement(
            sid="StartSpark",
            actions=[
                "emr-serverless:CancelJobRun",
                "emr-serverless:GetApplication",
                "emr-serverless:GetJobRun",
                "emr-serverless:ListJobRuns",
                "emr-serverless:StartApplication",
                "emr-serverless:StartJobRun",
            ],
            # EMR assigns an application's id, and the account only contains applications of its environments. The
            # pattern includes job runs, whose ARNs begin with that of their application.
            resources=[scope.arn(SPARK_SERVICE, "/applications/*")],
        ),
        Statement(
            sid="PassOneRoleToSpark",
            actions=["iam:PassRole"],
            resources=[scope.role_arn(SPARK_ROLE)],
            conditions={"StringEquals": {"iam:PassedToService": f"{SPARK_SERVICE}.amazonaws.com"}},
        ),
    ]
