"""Capabilities of personas with read-only access: workloads, registry, bills, audit records."""

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
from components.identity.workloads.workload_permissions import view_workloads

ARCHIVES = ("arn:aws:s3:::*-logs-*", "arn:aws:s3:::*-log-archive-*")
"""Buckets that contain only logs."""
ARCHIVE_KEYS = ("plinth/audit", "plinth/*/logs")

AUDIT_READS = (
    "access-analyzer:Get*", "access-analyzer:List*",
    "cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents",
    "config:BatchGet*", "config:Describe*", "config:Get*", "config:List*", "config:Select*",
    "guardduty:Get*", "guardduty:List*",
    "inspector2:BatchGet*", "inspector2:Get*", "inspector2:List*",
    "macie2:Describe*", "macie2:Get*", "macie2:List*",
    "securityhub:BatchGet*", "securityhub:Describe*", "securityhub:Get*", "securityhub:List*",
)  # fmt: skip
CONFIGURATION_READS = (
    "codecommit:BatchGet*", "codecommit:Get*", "codecommit:List*",
    "codepipeline:Get*", "codepipeline:List*",
    "dynamodb:Describe*", "dynamodb:List*",
    "ec2:Describe*", "ec2:GetManagedPrefixListEntries",
    "ecr:Describe*", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:List*",
    "glue:GetDatabase*", "glue:GetTable*", "glue:GetTags", "glue:List*",
    "kms:Describe*", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:List*",
    "lakeformation:Describe*", "lakeformation:GetLFTag", "lakeformation:List*",
    "logs:Describe*", "logs:List*",
    "s3:GetAccountPublicAccessBlock", "s3:GetBucket*", "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration", "s3:ListAllMyBuckets", "s3:ListBucket", "s3:ListBucketVersions",
    "sagemaker:Describe*", "sagemaker:GetModelPackageGroupPolicy", "sagemaker:List*", "sagemaker:QueryLineage",
    "sagemaker:Search",
    "tag:Get*",
)  # fmt: skip
"""Configuration, versions and lineage, without objects, table items, query results and secrets."""
BILLING_READS = (
    "billing:GetBillingData", "billing:GetBillingDetails", "billing:GetBillingNotifications", "budgets:Describe*",
    "budgets:ViewBudget", "ce:Describe*", "ce:Get*", "ce:List*",
)  # fmt: skip


def _view_workloads(region: str) -> list[Statement]:
    return view_workloads(region, account_id="*")


def _view_registry(region: str) -> list[Statement]:
    return [
        Statement(
            sid="SeeModelsAndImages",
            actions=[
                "ecr:BatchGetRepositoryScanningConfiguration",
                "ecr:DescribeImageScanFindings",
                "ecr:DescribeImages",
                "ecr:DescribeRepositories",
                "ecr:ListImages",
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
                "sagemaker:ListTags",
            ],
            resources=[
                *arns("ecr", region, "repository/*"),
                *arns("sagemaker", region, "model-package/*", "model-package-group/*"),
            ],
            conditions=OWN_TEAM,
        ),
        Statement(
            sid="SeeReleases",
            actions=[
                "codebuild:BatchGetBuilds",
                "codebuild:BatchGetProjects",
                "codebuild:ListBuildsForProject",
                "codepipeline:GetPipeline",
                "codepipeline:GetPipelineExecution",
                "codepipeline:GetPipelineState",
                "codepipeline:ListActionExecutions",
                "codepipeline:ListPipelineExecutions",
            ],
            resources=[*arns("codebuild", region, "project/*"), *arns("codepipeline", region, "*")],
            conditions=OWN_TEAM,
        ),
        # Log groups are selected by name: those of builds begin with the project, and the project with the team.
        read_logs(arns("logs", region, f"log-group:/aws/codebuild/{TEAM}--*"), sid="ReadLogsOfBuilds"),
        Statement(
            sid="SeeNames",
            actions=[
                "codebuild:ListProjects",
                "codecommit:ListRepositories",
                "codepipeline:ListPipelines",
                "sagemaker:ListModelPackageGroups",
                "sagemaker:ListModelPackages",
                "sagemaker:Search",
            ],
            resources=EVERYTHING,
        ),
        *read_records_of_releases(region, TEAM),
    ]


def _view_bill(_region: str) -> list[Statement]:
    """Allows viewing an account's bill. Cost Explorer has no narrower resource than the account."""
    return [Statement(sid="SeeTheBill", actions=BILLING_READS, resources=EVERYTHING)]


def _audit(region: str) -> list[Statement]:
    return [
        Statement(sid="ReadTheRecord", actions=AUDIT_READS, resources=EVERYTHING),
        Statement(sid="SeeHowThingsAre", actions=CONFIGURATION_READS, resources=EVERYTHING),
        Statement(
            sid="ReadLogs",
            actions=["logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogRecord", "logs:StartQuery"],
            resources=arns("logs", region, "log-group:*"),
        ),
        Statement(sid="ReadAnswers", actions=["logs:GetQueryResults", "logs:StopQuery"], resources=EVERYTHING),
        Statement(
            sid="ReadTheArchive",
            actions=["s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion"],
            resources=[f"{archive}/*" for archive in ARCHIVES],
        ),
    ]


def _query_trail(region: str) -> list[Statement]:
    """Allows queries of the trail. Athena writes results with the caller's credentials; the person writes nothing else
    (PER-11)."""
    results = "arn:aws:s3:::*-audit-answers-*"
    return [
        Statement(
            sid="Ask",
            actions=[
                "athena:BatchGet*",
                "athena:Get*",
                "athena:ListNamedQueries",
                "athena:ListQueryExecutions",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            resources=arns("athena", region, "workgroup/*", "datacatalog/*"),
        ),
        Statement(
            sid="ReadAnswersOfAthena",
            actions=["s3:GetObject"],
            resources=[f"{results}/*"],
        ),
        Statement(
            sid="AthenaWritesAnswers",
            actions=["s3:AbortMultipartUpload", "s3:PutObject"],
            resources=[f"{results}/*"],
            conditions={"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}},
        ),
        # The archive of logs and the answers of queries are encrypted with the same key.
        decrypt_through("s3", region, ARCHIVE_KEYS, sid="UseTheKeyOfTheArchive", write=True),
    ]


def _view_platform(region: str) -> list[Statement]:
    """Allows viewing the configuration of accounts without their content: no objects and no workload logs (PER-07)."""
    return [
        Statement(
            sid="SeeThePlatform",
            actions=[
                "cloudtrail:LookupEvents",
                "cloudwatch:Describe*",
                "cloudwatch:Get*",
                "cloudwatch:List*",
                "config:Describe*",
                "config:Get*",
                "ec2:Describe*",
                "health:Describe*",
                "securityhub:Get*",
                "servicequotas:Get*",
                "servicequotas:List*",
                "tag:Get*",
            ],
            resources=EVERYTHING,
        ),
        read_logs(arns("logs", region, "log-group:/plinth/*"), sid="ReadLogsOfThePlatform"),
        Statement(sid="ListLogs", actions=["logs:DescribeLogGroups"], resources=EVERYTHING),
    ]


VIEW_WORKLOADS = Capability("view jobs, pipelines, endpoints and their logs", _view_workloads)
VIEW_REGISTRY = Capability("view the team's models, images and releases", _view_registry)
VIEW_BILL = Capability("view the bill", _view_bill)
AUDIT = Capability("read logs, versions, lineage and configuration", _audit)
QUERY_TRAIL = Capability("query the trail", _query_trail)
VIEW_PLATFORM = Capability("view the configuration of the account, without its data", _view_platform)
