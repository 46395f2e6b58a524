"""Permissions that all builds of a use case's promotion have in common."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.identity.iam.actions import PULLING
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, read_folder, use_key
from components.identity.workloads.workload_permissions import join_network


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionBuildArgs:
    """Arguments of the roles with which the promotion's projects of CodeBuild run."""

    use_case: UseCase
    """Use case whose models are promoted."""

    account_id: pulumi.Input[str]
    """Id of the tooling account."""

    organization_id: pulumi.Input[str]
    """Id of the organization of all accounts."""

    bucket_arn: pulumi.Input[str]
    """ARN of the bucket of registered models."""

    key_arn: pulumi.Input[str]
    """ARN of the artifacts' KMS key."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    source_bucket_arn: pulumi.Input[str]
    """ARN of the bucket of the pipeline's artifacts, from which builds take the code of the deployment."""

    image_repository_arn: pulumi.Input[str]
    """ARN of the ECR repository of the image of promotions."""


def read_what_is_promoted(args: PromotionBuildArgs) -> list[Statement]:
    """Allows reading registered versions, code, records and the source of the pipeline, and using the key of the
    artifacts."""
    case = args.use_case
    return [
        Statement(
            sid="CompareCode",
            actions=["codecommit:GetBlob", "codecommit:GetCommit", "codecommit:GetDifferences"],
            resources=case.arns("codecommit", args.account_id, ""),
        ),
        Statement(
            sid="SeeModels",
            actions=["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
            resources=case.arns("sagemaker", args.account_id, "model-package/"),
        ),
        *read_folder(args.bucket_arn, case.folder, "Artifacts"),
        Statement(
            sid="ReadSources",
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[pulumi.Output.concat(args.source_bucket_arn, "/*")],
        ),
        use_key(args.key_arn, "UseTheKeyOfArtifacts", write=True, service="codebuild"),
    ]


def run_builds(args: PromotionBuildArgs, project: str) -> list[Statement]:
    """Allows what CodeBuild does with the role of a project: pulling the image, joining the network, reporting and
    logging."""
    case = args.use_case
    return [
        Statement(
            sid="PullTheImage",
            actions=PULLING,
            resources=[args.image_repository_arn],
        ),
        *join_network(case.region, args.account_id),
        Statement(
            sid="Report",
            actions=["codebuild:BatchPutTestCases", "codebuild:CreateReport", "codebuild:UpdateReport"],
            resources=[case.arn("codebuild", args.account_id, f"report-group/{project}-*")],
        ),
        Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[case.arn("logs", args.account_id, f"log-group:/aws/codebuild/{project}:*")],
        ),
    ]
