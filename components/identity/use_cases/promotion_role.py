"""The role of a use case's promotion, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, read_folder, use_key, within_organization, write_folder
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.workload_permissions import join_network
from settings.data.artifact_layout import DEPLOYMENTS, PROMOTIONS
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionRoleArgs:
    """Arguments of :class:`PromotionRole`."""

    use_case: UseCase
    """Use case whose models the role promotes."""

    account_id: pulumi.Input[str]
    """Id of the tooling account."""

    released_to: Sequence[tuple[ReleasedTo, pulumi.Input[str]]]
    """Environments to which it releases, each with the id of its account."""

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


class PromotionRole(pulumi.ComponentResource):
    """The role with which the promotion pipeline checks the deployment repository, reads a registered model and enters
    the environments. It deploys nothing itself: it assumes the release role of each environment.

    Only the project ``<team>--<use-case>-promotion`` of CodeBuild can assume it, so builds of the build repository
    cannot release (T-02). It registers no models, approves nothing, pushes no images and writes only the records of
    promotions and the state of deployments.

    Creates: the role ``<team>--<use-case>-promotion``.

    Args: see :class:`PromotionRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        PromotionRole("promotion", PromotionRoleArgs(
            use_case=use_case, account_id=tooling_id, released_to=[("preproduction", preproduction_id)],
            organization_id="o-acme", bucket_arn=artifacts.arn, key_arn=key.arn, boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the promotion pipeline."""

    def __init__(self, name: str, args: PromotionRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:PromotionRole", name, None, opts)
        case = args.use_case
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=case.role_name("promotion"),
                description=f"Promotion of models of {case.prefix}",
                trust=service_trust(
                    "codebuild",
                    account_id=args.account_id,
                    source_arns=[case.arn("codebuild", args.account_id, f"project/{case.names.promotion_project}")],
                ),
                permissions=_permissions(args),
                boundary_arn=args.boundary_arn,
                tags=case.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})


def _permissions(args: PromotionRoleArgs) -> list[Statement]:
    release = Statement(
        sid="Release",
        actions=["sts:AssumeRole", "sts:TagSession"],
        resources=[args.use_case.role_arn("release", account_id, one) for one, account_id in args.released_to],
    )
    return [
        *_judgement(args),
        *_records(args),
        *_running(args),
        within_organization(release, args.organization_id),
    ]


def _judgement(args: PromotionRoleArgs) -> list[Statement]:
    """Allows reading what a plan and a review need, and marking the versions that are served."""
    case = args.use_case
    return [
        Statement(
            sid="CompareCode",
            actions=["codecommit:GetBlob", "codecommit:GetCommit", "codecommit:GetDifferences"],
            resources=case.arns("codecommit", args.account_id, ""),
        ),
        Statement(
            sid="FollowThePipeline",
            actions=[
                "codepipeline:GetPipelineExecution",
                "codepipeline:ListActionExecutions",
                "codepipeline:StopPipelineExecution",
            ],
            resources=[case.arn("codepipeline", args.account_id, case.names.promotion_pipeline)],
        ),
        Statement(
            sid="SeeModels",
            actions=[
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
                "sagemaker:ListModelPackages",
                "sagemaker:ListTags",
            ],
            resources=case.arns("sagemaker", args.account_id, "model-package/", "model-package-group/"),
        ),
        Statement(
            sid="MarkWhatIsServed",
            actions=["sagemaker:UpdateModelPackage"],
            resources=case.arns("sagemaker", args.account_id, "model-package/"),
            # Metadata only: people decide about the approval.
            conditions={
                "Null": {"sagemaker:ModelApprovalStatus": "true", "sagemaker:ModelLifeCycle:Stage": "true"},
            },
        ),
    ]


def _records(args: PromotionRoleArgs) -> list[Statement]:
    """Allows reading artifacts, and writing the records of promotions and the state of deployments."""
    case = args.use_case
    return [
        *read_folder(args.bucket_arn, case.folder, "Artifacts"),
        write_folder(args.bucket_arn, f"{case.folder}/{PROMOTIONS}", "Records"),
        write_folder(args.bucket_arn, f"{case.folder}/{DEPLOYMENTS}", "State"),
        Statement(
            sid="UnlockState",
            actions=["s3:DeleteObject"],
            resources=[pulumi.Output.concat(args.bucket_arn, f"/{case.folder}/{DEPLOYMENTS}/*")],
        ),
        Statement(
            sid="ReadSources",
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[pulumi.Output.concat(args.source_bucket_arn, "/*")],
        ),
        use_key(args.key_arn, "UseTheKeyOfArtifacts", write=True),
    ]


def _running(args: PromotionRoleArgs) -> list[Statement]:
    """Allows what CodeBuild does as the role: pulling the image, joining the network, reporting and logging."""
    case = args.use_case
    return [
        Statement(
            sid="PullTheImage",
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=[args.image_repository_arn],
        ),
        *join_network(case.region, args.account_id),
        Statement(
            sid="Report",
            actions=["codebuild:BatchPutTestCases", "codebuild:CreateReport", "codebuild:UpdateReport"],
            resources=[case.arn("codebuild", args.account_id, f"report-group/{case.names.promotion_project}-*")],
        ),
        Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[case.arn("logs", args.account_id, f"log-group:/aws/codebuild/{case.names.promotion_project}*")],
        ),
    ]
