"""The role of a use case's continuous integration, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.actions import PULLING
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    UseCase,
    create_role,
    read_folder,
    use_key,
    within_organization,
    write_folder,
)
from components.identity.workloads.code_permissions import use_key_of_code
from components.identity.workloads.fixed_builds import start_as_it_is
from components.identity.workloads.package_permissions import Packages, install_packages
from components.identity.workloads.workload_permissions import join_network
from settings.data.artifact_layout import MODELS, OPEN_BRANCHES, REMOVED_BRANCHES
from settings.data.ml_layout import FEATURE

IMAGE_TAG = "TAG"
"""Variable of an image build with the tag of the images, the only one that a start sets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationRoleArgs:
    """Arguments of :class:`IntegrationRole`."""

    use_case: UseCase
    """Use case whose code, artifacts and images the role works on."""

    account_id: pulumi.Input[str]
    """Id of the tooling account."""

    development_account_id: pulumi.Input[str]
    """Id of the team's development account, in which its pipelines run."""

    organization_id: pulumi.Input[str]
    """Id of the organization of both accounts."""

    bucket_arn: pulumi.Input[str]
    """ARN of the bucket for artifacts of all use cases."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of artifacts and repositories."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    pulled: Sequence[str] = ()
    """ARNs of the ECR repositories with the image of builds; empty for one that CodeBuild provides."""

    packages: Packages | None = None
    """Repository from which builds install packages; None if the organization has none."""


class IntegrationRole:
    """The role that builds and tests a use case in the private network. It reads the code, stores artifacts, starts the
    build of images, comments on commits with the result, keeps the model package groups of feature branches and deletes
    their models, and assumes the operator role in development to deploy pipelines. It cannot approve anything, and
    cannot access pre-production and production.

    Creates: the role ``<team>--<use-case>-integration``.

    Args: see :class:`IntegrationRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        IntegrationRole("integration", IntegrationRoleArgs(
            use_case=UseCase(team="fraud", name="scoring", region="eu-west-1"), account_id=tooling_id,
            development_account_id=development_id, organization_id="o-acme", bucket_arn=artifacts.arn,
            key_arn=key.arn, boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for build projects."""

    def __init__(self, name: str, args: IntegrationRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        self.arn = create_role(
            without_component(name, "plinth:identity:IntegrationRole", opts),
            name,
            args.use_case,
            role_name=args.use_case.role_name("integration"),
            description=f"Builds and tests of {args.use_case.prefix}",
            trust=args.use_case.trust_builds(args.account_id, args.use_case.names.build_project),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: IntegrationRoleArgs) -> Sequence[Statement]:
    case = args.use_case
    return [
        Statement(
            sid="ReadCode",
            actions=["codecommit:GitPull"],
            resources=case.arns("codecommit", args.account_id, ""),
        ),
        Statement(
            sid="CommentOnCommits",
            actions=["codecommit:PostCommentForComparedCommit"],
            resources=[case.arn("codecommit", args.account_id, case.names.repository("build"))],
        ),
        use_key_of_code([args.key_arn], case.region, write=True),
        *read_folder(args.bucket_arn, case.folder, "Artifacts"),
        write_folder(args.bucket_arn, case.folder, "Artifacts"),
        # The manifest of a merged branch expires by its tag (AMB-07).
        Statement(
            sid="TagManifests",
            actions=["s3:PutObjectTagging"],
            resources=[pulumi.Output.concat(args.bucket_arn, f"/{case.folder}/{REMOVED_BRANCHES}/*")],
        ),
        Statement(
            sid="DeleteModelsOfBranches",
            actions=["s3:DeleteObject"],
            resources=[
                pulumi.Output.concat(args.bucket_arn, f"/{case.folder}/{folder}*")
                for folder in (f"{MODELS}/{FEATURE}", f"{OPEN_BRANCHES}/")
            ],
        ),
        use_key(args.key_arn, "UseTheKeyOfArtifacts", write=True, service="codebuild"),
        *_images(args),
        *_build_image(args),
        *join_network(case.region, args.account_id),
        *(install_packages(args.packages) if args.packages is not None else []),
        *_groups_of_branches(args),
        Statement(
            sid="Report",
            actions=["codebuild:BatchPutTestCases", "codebuild:CreateReport", "codebuild:UpdateReport"],
            resources=case.arns("codebuild", args.account_id, "report-group/"),
        ),
        Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=case.arns("logs", args.account_id, "log-group:/aws/codebuild/"),
        ),
        within_organization(
            Statement(
                sid="OperateInDevelopment",
                actions=["sts:AssumeRole"],
                resources=[case.role_arn("operator", args.development_account_id, "development")],
            ),
            args.organization_id,
        ),
    ]


def _images(args: IntegrationRoleArgs) -> list[Statement]:
    """Allows starting the build of images, following it, and reading the digests of what it pushed.

    The project of images is privileged. A start therefore cannot replace its commands, its source, its image or its
    role.
    """
    case = args.use_case
    project = case.names.image_project
    arn = case.arn("codebuild", args.account_id, f"project/{project}")
    return [
        start_as_it_is("StartImageBuilds", [arn], [IMAGE_TAG]),
        Statement(sid="FollowImageBuilds", actions=["codebuild:BatchGetBuilds"], resources=[arn]),
        Statement(
            sid="ReadLogsOfImageBuilds",
            actions=["logs:GetLogEvents"],
            resources=[case.arn("logs", args.account_id, f"log-group:/aws/codebuild/{project}:log-stream:*")],
        ),
        Statement(
            sid="SeeImages",
            actions=["ecr:BatchGetImage"],
            resources=[case.arn("ecr", args.account_id, f"repository/{case.folder}/*")],
        ),
    ]


def _build_image(args: IntegrationRoleArgs) -> list[Statement]:
    """Allows pulling the image in which builds run, if it is in ECR."""
    if not args.pulled:
        return []
    statement = Statement(sid="PullTheImageOfBuilds", actions=PULLING, resources=args.pulled)
    return [within_organization(statement, args.organization_id)]


def _groups_of_branches(args: IntegrationRoleArgs) -> list[Statement]:
    """Allows creating, sharing and deleting the model package groups of feature branches (BR-04, BR-05), and reading
    all groups of the use case. The groups of main and develop belong to the stack."""
    case, names = args.use_case, args.use_case.names
    branches = [
        case.arn("sagemaker", args.account_id, f"{kind}/{names.feature_groups}")
        for kind in ("model-package-group", "model-package")
    ]
    return [
        Statement(
            sid="KeepGroupsOfBranches",
            actions=[
                "sagemaker:AddTags",
                "sagemaker:CreateModelPackageGroup",
                "sagemaker:DeleteModelPackage",
                "sagemaker:DeleteModelPackageGroup",
                "sagemaker:DeleteModelPackageGroupPolicy",
                "sagemaker:PutModelPackageGroupPolicy",
            ],
            resources=branches,
        ),
        Statement(
            sid="SeeModels",
            actions=[
                "sagemaker:DescribeModelPackage",
                "sagemaker:DescribeModelPackageGroup",
                "sagemaker:ListModelPackages",
            ],
            resources=case.arns("sagemaker", args.account_id, "model-package/", "model-package-group/"),
        ),
    ]
