"""Capabilities of personas that approve and operate: approvals, releases, account sets, data lake, repair."""

from __future__ import annotations

from components.identity.iam.statements import Statement
from components.identity.personas.capability import (
    EVERYTHING,
    OWN_TEAM,
    TEAM,
    Capability,
    arns,
    decrypt_through,
    read_logs,
    read_records_of_releases,
)
from settings.data.catalog_layout import PERSON, TABLE, USER_TAG, key_of
from settings.data.promotion_layout import BUSINESS_APPROVAL
from settings.types.aws.account_access import ACCESS_ROLE

REPAIR_READS = (
    "cloudtrail:LookupEvents", "cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*",
    "codepipeline:Get*", "codepipeline:List*", "ec2:Describe*", "kms:Describe*", "kms:GetKeyPolicy", "kms:List*",
    "logs:Describe*", "logs:FilterLogEvents", "logs:GetLogEvents",
    "s3:GetBucket*", "s3:ListAllMyBuckets", "sagemaker:Describe*", "sagemaker:List*",
)  # fmt: skip
REPAIRS = {
    "codepipeline": ("DisableStageTransition", "EnableStageTransition", "RollbackStage", "StopPipelineExecution"),
    "ec2": (
        "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateRoute", "DeleteRoute",
        "ReplaceRoute", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress",
    ),
    "kms": ("CancelKeyDeletion", "EnableKey"),
    "s3": ("PutBucketPolicy",),
    "sagemaker": (
        "DeleteEndpoint", "StopMonitoringSchedule", "StopPipelineExecution", "StopProcessingJob", "StopTrainingJob",
        "StopTransformJob", "UpdateEndpointWeightsAndCapacities",
    ),
}  # fmt: skip
"""Actions by service: those that stop harm, and those that restore access after a lockout. Guardrails keep endpoints
and public access blocks from everybody but deployers."""


def _approve_models(region: str) -> list[Statement]:
    return [
        Statement(
            sid="DecideOnModels",
            actions=["sagemaker:UpdateModelPackage"],
            resources=arns("sagemaker", region, "model-package/*"),
            conditions={
                "StringEquals": {
                    **OWN_TEAM["StringEquals"],
                    "sagemaker:ModelApprovalStatus": ["Approved", "Rejected"],
                }
            },
        ),
        Statement(
            sid="DecideOnReleases",
            actions=["codepipeline:PutApprovalResult"],
            resources=arns("codepipeline", region, "*/*/*"),
            conditions=OWN_TEAM,
        ),
    ]


def _approve_for_business(region: str) -> list[Statement]:
    """Allows answering the approval of the business, and seeing what is approved: releases with their metrics."""
    return [
        Statement(
            sid="SeeReleases",
            actions=[
                "codepipeline:GetPipelineExecution",
                "codepipeline:GetPipelineState",
                "codepipeline:ListActionExecutions",
                "codepipeline:ListPipelineExecutions",
            ],
            resources=arns("codepipeline", region, "*"),
            conditions=OWN_TEAM,
        ),
        *read_records_of_releases(region, TEAM),
        Statement(sid="SeeNames", actions=["codepipeline:ListPipelines"], resources=EVERYTHING),
        Statement(
            sid="DecideForBusiness",
            actions=["codepipeline:PutApprovalResult"],
            resources=arns("codepipeline", region, f"*/*/{BUSINESS_APPROVAL}"),
            conditions=OWN_TEAM,
        ),
    ]


def _operate_delivery(region: str) -> list[Statement]:
    """Allows starting, stopping and rolling back all teams' pipelines, but not changing them, or approving releases.

    A retry repeats the commands of a build; other starts could bring commands of their own (IA-06).
    """
    return [
        Statement(
            sid="RunPipelines",
            actions=[
                "codepipeline:DisableStageTransition",
                "codepipeline:EnableStageTransition",
                "codepipeline:RetryStageExecution",
                "codepipeline:RollbackStage",
                "codepipeline:StartPipelineExecution",
                "codepipeline:StopPipelineExecution",
            ],
            resources=arns("codepipeline", region, "*"),
        ),
        Statement(
            sid="SeePipelines",
            actions=["codepipeline:Get*", "codepipeline:List*"],
            resources=arns("codepipeline", region, "*"),
        ),
        Statement(
            sid="SeeStopAndRetryBuilds",
            actions=[
                "codebuild:BatchGet*",
                "codebuild:ListBuildsForProject",
                "codebuild:RetryBuild",
                "codebuild:StopBuild",
            ],
            resources=arns("codebuild", region, "project/*"),
        ),
        read_logs(arns("logs", region, "log-group:/aws/codebuild/*"), sid="ReadLogsOfBuilds"),
        Statement(
            sid="SeeModelsAndImages",
            actions=[
                "ecr:DescribeImageScanFindings",
                "ecr:DescribeImages",
                "ecr:DescribeRepositories",
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
            ],
            resources=[
                *arns("ecr", region, "repository/*"),
                *arns("sagemaker", region, "model-package/*", "model-package-group/*"),
            ],
        ),
        Statement(
            sid="SeeNames",
            actions=[
                "codebuild:ListProjects",
                "logs:DescribeLogGroups",
                "sagemaker:ListModelPackageGroups",
                "sagemaker:ListModelPackages",
            ],
            resources=EVERYTHING,
        ),
        *read_records_of_releases(region, "*"),
    ]


def _run_account_sets(region: str) -> list[Statement]:
    """Allows requesting account sets and deciding on requests under the own name, and reading the whole team catalog.

    The partition key contains the person, which the policy takes from a session tag: who requested and who approved
    are not claims. A person can write nothing else, so nobody can forge the record of a team or of a request (GOV-06).
    """
    table = arns("dynamodb", region, f"table/{TABLE}")
    own = key_of(PERSON, f"${{aws:PrincipalTag/{USER_TAG}}}")
    return [
        Statement(
            sid="RequestAndDecide",
            actions=["dynamodb:PutItem"],
            resources=table,
            conditions={
                # True for a call without keys, so the key must be present.
                "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [own]},
                "Null": {"dynamodb:LeadingKeys": "false"},
            },
        ),
        Statement(
            sid="ReadTheCatalog",
            actions=[
                "dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query",
                "dynamodb:Scan",
            ],
            resources=[*table, *arns("dynamodb", region, f"table/{TABLE}/index/*")],
        ),
        decrypt_through("dynamodb", region, ["plinth/governance"], sid="UseTheCatalogsKey", write=True),
        Statement(
            sid="OpenTheCluster",
            actions=["eks:AccessKubernetesApi", "eks:DescribeCluster"],
            resources=arns("eks", region, "cluster/plinth-*"),
        ),
        Statement(sid="FindTheCatalog", actions=["dynamodb:ListTables", "eks:ListClusters"], resources=EVERYTHING),
    ]  # fmt: skip


def _build_lake(region: str) -> list[Statement]:
    """Allows running deployed jobs, but not creating jobs, which would require passing a role (IA-06)."""
    return [
        _catalogue_data(region),
        _run_etl(region),
        _share_by_tag(),
        *_write_data(region),
        Statement(
            sid="SeeNames",
            actions=["glue:ListCrawlers", "glue:ListJobs", "s3:ListAllMyBuckets"],
            resources=EVERYTHING,
        ),
        read_logs(arns("logs", region, "log-group:/aws-glue/*"), sid="ReadLogsOfEtl"),
    ]


def _catalogue_data(region: str) -> Statement:
    return Statement(
        sid="Catalogue",
        actions=[
            "glue:BatchCreatePartition",
            "glue:BatchGet*",
            "glue:CreateDatabase",
            "glue:CreatePartition",
            "glue:CreateTable",
            "glue:Get*",
            "glue:SearchTables",
            "glue:UpdateDatabase",
            "glue:UpdatePartition",
            "glue:UpdateTable",
        ],
        resources=arns("glue", region, "catalog", "database/*", "table/*/*"),
    )


def _run_etl(region: str) -> Statement:
    return Statement(
        sid="RunEtl",
        actions=[
            "glue:BatchStopJobRun",
            "glue:GetCrawler",
            "glue:GetJob",
            "glue:GetJobRun",
            "glue:GetJobRuns",
            "glue:StartCrawler",
            "glue:StartJobRun",
            "glue:StopCrawler",
        ],
        resources=arns("glue", region, "crawler/*", "job/*"),
    )


def _share_by_tag() -> Statement:
    return Statement(
        sid="ShareByTag",
        actions=[
            "lakeformation:AddLFTagsToResource",
            "lakeformation:BatchGrantPermissions",
            "lakeformation:BatchRevokePermissions",
            "lakeformation:Describe*",
            "lakeformation:Get*",
            "lakeformation:GrantPermissions",
            "lakeformation:List*",
            "lakeformation:RemoveLFTagsFromResource",
            "lakeformation:RevokePermissions",
            "lakeformation:SearchDatabasesByLFTags",
            "lakeformation:SearchTablesByLFTags",
        ],
        resources=EVERYTHING,
    )


def _write_data(region: str) -> list[Statement]:
    bucket = "arn:aws:s3:::*-lake-*"
    return [
        Statement(
            sid="FindData",
            actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketVersions"],
            resources=[bucket],
        ),
        Statement(
            sid="WriteData",
            actions=["s3:AbortMultipartUpload", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            resources=[f"{bucket}/*"],
        ),
        decrypt_through("s3", region, ["plinth/data-lake"], sid="UseTheLakesKey", write=True),
    ]


def _repair(region: str) -> list[Statement]:
    """Allows stopping harm and, from the management account, entering any other account.

    Identities cannot be changed. That requires the organization's access role, whose use the trail records.
    """
    allowed = [f"{service}:{action}" for service, actions in REPAIRS.items() for action in actions]
    return [
        Statement(sid="SeeWhatIsBroken", actions=REPAIR_READS, resources=EVERYTHING),
        Statement(
            sid="StopHarmAndReopen",
            actions=allowed,
            resources=[
                "arn:aws:s3:::*",
                *(
                    resource
                    for service in ("codepipeline", "ec2", "kms", "sagemaker")
                    for resource in arns(service, region, "*")
                ),
            ],
        ),
        Statement(
            sid="EnterAnyAccount",
            actions=["sts:AssumeRole"],
            resources=[f"arn:aws:iam::*:role/{ACCESS_ROLE}"],
        ),
    ]


APPROVE_MODELS = Capability("approve models and releases of the team", _approve_models)
APPROVE_FOR_BUSINESS = Capability("approve releases that need business approval", _approve_for_business)
OPERATE_DELIVERY = Capability("start, stop and roll back pipelines", _operate_delivery)
RUN_ACCOUNT_SETS = Capability("instantiate, change and decommission account sets", _run_account_sets)
BUILD_LAKE = Capability("write, catalog and share the lake's data", _build_lake)
REPAIR = Capability("stop harm, and enter any account from the management account", _repair)
