"""Permissions to query the lake in one workgroup."""

from __future__ import annotations

import pulumi

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement
from components.identity.workloads.workload_permissions import EVERYTHING, read_table_metadata
from settings.data.ml_layout import QueryResults


def ask_in_workgroup(region: str, account_id: pulumi.Input[str], workgroup: str, *, stop: bool = False) -> Statement:
    """Allows starting queries in one workgroup and reading their answers; with ``stop``, ending them too."""
    return Statement(
        sid="Ask",
        actions=[
            "athena:GetDataCatalog",
            "athena:GetQueryExecution",
            "athena:GetQueryResults",
            "athena:GetWorkGroup",
            "athena:StartQueryExecution",
            *(["athena:StopQueryExecution"] if stop else []),
        ],
        resources=[
            arn_of("athena", region, account_id, name)
            for name in (f"workgroup/{workgroup}", "datacatalog/AwsDataCatalog")
        ],
    )


def reach_granted_data() -> Statement:
    """Allows the credentials that Lake Formation vends for the objects of granted tables."""
    return Statement(sid="ReachGrantedData", actions=["lakeformation:GetDataAccess"], resources=EVERYTHING)


def query_in_workgroup(
    region: str, account_id: pulumi.Input[str], bucket_arn: pulumi.Input[str], workgroup: str
) -> list[Statement]:
    """Allows queries of data granted by Lake Formation in one workgroup, and its folder of answers in the environment's
    bucket.

    Athena writes the answers with the caller's permissions (Athena User Guide, "Access to Amazon S3"). The key of the
    bucket is not included.
    """
    answers = QueryResults(workgroup=workgroup).prefix
    return [
        ask_in_workgroup(region, account_id, workgroup),
        read_table_metadata(region),
        reach_granted_data(),
        Statement(
            sid="SeeAnswers",
            actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            resources=[bucket_arn],
            conditions={"StringLikeIfExists": {"s3:prefix": [f"{answers}*"]}},
        ),
        Statement(
            sid="KeepAnswers",
            actions=["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            resources=[pulumi.Output.concat(bucket_arn, f"/{answers}*")],
        ),
    ]
