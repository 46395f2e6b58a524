"""Permissions of a dataset's job and crawler: read their sources, write their own data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.arns import arn_of
from components.identity.iam.statements import Statement
from settings.data.lake import Part

EVERYTHING = ["*"]
"""All resources, for actions that accept no narrower one (Service Authorization Reference)."""
JOB_ACTIONS = (
    "ec2:CreateTags", "ec2:DeleteTags", "glue:BatchCreatePartition", "glue:BatchUpdatePartition",
    "glue:CreatePartition", "glue:CreateTable", "glue:NotifyEvent", "glue:UpdatePartition", "glue:UpdateTable",
    "logs:AssociateKmsKey",
)  # fmt: skip
"""Actions that jobs and crawlers require in addition to those of workloads."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EtlScope:
    """Resources with which a dataset's job and crawler work."""

    account_id: pulumi.Input[str]
    region: str
    key_arn: pulumi.Input[str]
    source_arns: Sequence[pulumi.Input[str]]
    """ARNs of the landing and raw buckets."""
    sources: Sequence[str]
    """Folders of the sources in these buckets, without a trailing slash."""

    def arn(self, service: str, resource: str) -> pulumi.Output[str]:
        return arn_of(service, self.region, self.account_id, resource)

    def tables(self, *names: str) -> list[pulumi.Input[str]]:
        """Returns the ARNs of tables, given as ``database/table``, and of their databases and data catalog."""
        databases = sorted({name.partition("/")[0] for name in names})
        found = ["catalog", *(f"database/{database}" for database in databases), *(f"table/{name}" for name in names)]
        return [self.arn("glue", resource) for resource in found]


@dataclass(frozen=True, kw_only=True, slots=True)
class PushTarget:
    """The bucket of an environment to which a dataset is pushed."""

    account_id: pulumi.Input[str]
    organization_id: pulumi.Input[str]
    bucket_name: pulumi.Input[str]
    folders: Mapping[Part, str]
    """Folder of each part, with a trailing slash."""


def run_in_lake(scope: EtlScope) -> list[Statement]:
    """Builds the statements that all jobs and crawlers require: sources, key, logs, metrics and network access."""
    return [
        Statement(
            sid="FindSources",
            actions=["s3:GetBucketLocation", "s3:ListBucket"],
            resources=scope.source_arns,
            conditions={"StringLikeIfExists": {"s3:prefix": [f"{folder}/*" for folder in scope.sources]}},
        ),
        Statement(
            sid="ReadSources",
            actions=["s3:GetObject"],
            resources=[
                pulumi.Output.concat(arn, f"/{folder}/*") for arn in scope.source_arns for folder in scope.sources
            ],
        ),
        Statement(
            sid="UseTheKeyOfTheLake",
            actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
            resources=[scope.key_arn],
        ),
        *run_in_glue(scope, "data-lake"),
    ]


def run_in_glue(scope: EtlScope, label: str) -> list[Statement]:
    """Builds the statements for logs, metrics, and network access through the connections of ``label``."""
    return [
        Statement(
            sid="WriteLogs",
            actions=["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[scope.arn("logs", "log-group:/aws-glue/*")],
        ),
        Statement(
            sid="WriteMetrics",
            actions=["cloudwatch:PutMetricData"],
            resources=EVERYTHING,
            conditions={"StringEquals": {"cloudwatch:namespace": "Glue"}},
        ),
        *_join_the_network(scope, label),
    ]


def write_dataset(
    scope: EtlScope,
    *,
    bucket_arns: Sequence[pulumi.Input[str]],
    folder: str,
    script_arn: pulumi.Input[str],
    tables: Sequence[str],
) -> list[Statement]:
    """Builds the job's additional statements: reading its script, writing its folder and its tables' partitions."""
    return [
        Statement(sid="ReadItsScript", actions=["s3:GetObject"], resources=[script_arn]),
        Statement(
            sid="FindTheDataset",
            actions=["s3:GetBucketLocation", "s3:ListBucket"],
            resources=bucket_arns,
            conditions={"StringLikeIfExists": {"s3:prefix": f"{folder}/*"}},
        ),
        Statement(
            sid="WriteTheDataset",
            actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            resources=[pulumi.Output.concat(arn, f"/{folder}/*") for arn in bucket_arns],
        ),
        Statement(
            sid="AddPartitions",
            actions=[
                "glue:BatchCreatePartition",
                "glue:BatchGetPartition",
                "glue:CreatePartition",
                "glue:GetDatabase",
                "glue:GetPartition",
                "glue:GetPartitions",
                "glue:GetTable",
                "glue:UpdatePartition",
                "glue:UpdateTable",
            ],
            resources=scope.tables(*tables),
        ),
        _get_data_access(),
    ]


def write_feature_records(scope: EtlScope, groups: Sequence[str]) -> list[Statement]:
    """Allows writing records of these feature groups, only through a VPC endpoint (ST-19). The lake's key is allowed
    anyway."""
    return [
        Statement(
            sid="FillFeatures",
            actions=["sagemaker:PutRecord"],
            resources=[scope.arn("sagemaker", f"feature-group/{name}") for name in groups],
            conditions={"Null": {"aws:SourceVpce": "false"}},
        )
    ]


def push_dataset(region: str, targets: Sequence[PushTarget]) -> list[Statement]:
    """Builds the statements of a job that pushes its dataset: writing its folders in environments' buckets with their
    keys."""
    if not targets:
        return []
    buckets = [pulumi.Output.concat("arn:aws:s3:::", target.bucket_name) for target in targets]
    return [
        Statement(
            sid="PushTheDataset",
            actions=["s3:AbortMultipartUpload", "s3:PutObject"],
            resources=[
                pulumi.Output.concat(arn, f"/{folder}*")
                for arn, target in zip(buckets, targets, strict=True)
                for folder in target.folders.values()
            ],
        ),
        Statement(
            sid="EncryptWhatIsPushed",
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[arn_of("kms", region, target.account_id, "key/*") for target in targets],
            conditions={
                "StringEquals": {
                    "aws:ResourceOrgID": targets[0].organization_id,
                    "kms:EncryptionContext:aws:s3:arn": buckets,
                    "kms:ViaService": f"s3.{region}.amazonaws.com",
                }
            },
        ),
    ]


def catalog_sources(scope: EtlScope, database: str) -> list[Statement]:
    """Builds the crawler's additional statements: creating tables in the dataset's landing database."""
    return [
        Statement(
            sid="CatalogueSources",
            actions=[
                "glue:BatchCreatePartition",
                "glue:BatchGetPartition",
                "glue:BatchUpdatePartition",
                "glue:CreateTable",
                "glue:GetDatabase",
                "glue:GetPartitions",
                "glue:GetTable",
                "glue:GetTables",
                "glue:UpdateTable",
            ],
            resources=scope.tables(f"{database}/*"),
        ),
        _get_data_access(),
    ]


def _get_data_access() -> Statement:
    return Statement(sid="AskLakeFormation", actions=["lakeformation:GetDataAccess"], resources=EVERYTHING)


def _join_the_network(scope: EtlScope, label: str) -> list[Statement]:
    return [
        Statement(
            sid="FindTheNetwork",
            actions=["glue:GetConnection"],
            resources=[scope.arn("glue", "catalog"), scope.arn("glue", f"connection/{label}-network-*")],
        ),
        Statement(
            sid="SeeTheNetwork",
            actions=[
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeRouteTables",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcAttribute",
                "ec2:DescribeVpcEndpoints",
            ],
            resources=EVERYTHING,
        ),
        Statement(
            sid="JoinTheNetwork",
            actions=["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
            resources=[scope.arn("ec2", f"{kind}/*") for kind in ("network-interface", "security-group", "subnet")],
        ),
        Statement(
            sid="MarkItsInterfaces",
            actions=["ec2:CreateTags", "ec2:DeleteTags"],
            resources=[scope.arn("ec2", "network-interface/*")],
            conditions={"ForAllValues:StringEquals": {"aws:TagKeys": "aws-glue-service-resource"}},
        ),
    ]
