"""The role of a use case's continuous integration, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.actions import PULLING
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    read_folder,
    use_key,
    within_organization,
    write_folder,
)
from components.identity.use_cases.use_case_role import UseCaseRole
from components.identity.workloads.code_permissions import use_key_of_code
from components.identity.workloads.fixed_builds import start_as_it_is
from components.identity.workloads.package_permissions import Packages, install_packages
from components.identity.workloads.workload_permissions import join_network
from settings.data.artifact_layout import MODELS, OPEN_BRANCHES, REMOVED_BRANCHES
from settings.data.ml_layout import FEATURE

IMAGE_TAG = "TAG"
"""Variable of an image build with the tag of the images, the only one that a start sets."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrationRole(UseCaseRole):
    """The role that builds and tests a use case in the private network. It reads the code, stores artifacts, starts the
    build of images, comments on commits with the result, keeps the model package groups of feature branches and deletes
    their models, and assumes the operator role in development to deploy pipelines. It cannot approve anything, and
    cannot access pre-production and production."""

    FORMER_COMPONENT: ClassVar = "plinth:identity:IntegrationRole"

    development_account_id: pulumi.Input[str]
    """Id of the team's development account, in which its pipelines run."""

    organization_id: pulumi.Input[str]
    """Id of the organization of both accounts."""

    bucket_arn: pulumi.Input[str]
    """ARN of the bucket for artifacts of all use cases."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of artifacts and repositories."""

    pulled: Sequence[str] = ()
    """ARNs of the ECR repositories with the image of builds; empty for one that CodeBuild provides."""

    packages: Packages | None = None
    """Repository from which builds install packages; None if the organization has none."""

    def role_name(self) -> str:
        return self.use_case.role_name("integration")

    def description(self) -> str:
        return f"Builds and tests of {self.use_case.prefix}"

    def trust(self) -> Statement:
        return self.use_case.trust_builds(self.account_id, self.use_case.names.build_project)

    def permissions(self) -> Sequence[Statement]:
        case = self.use_case
        return [
            Statement(
                sid="ReadCode",
                actions=["codecommit:GitPull"],
                resources=case.arns("codecommit", self.account_id, ""),
            ),
            Statement(
                sid="CommentOnCommits",
                actions=["codecommit:PostCommentForComparedCommit"],
                resources=[case.arn("codecommit", self.account_id, case.names.repository("build"))],
            ),
            use_key_of_code([self.key_arn], case.region, write=True),
            *read_folder(self.bucket_arn, case.folder, "Artifacts"),
            write_folder(self.bucket_arn, case.folder, "Artifacts"),
            # The manifest of a merged branch expires by its tag (AMB-07).
            Statement(
                sid="TagManifests",
                actions=["s3:PutObjectTagging"],
                resources=[pulumi.Output.concat(self.bucket_arn, f"/{case.folder}/{REMOVED_BRANCHES}/*")],
            ),
            Statement(
                sid="DeleteModelsOfBranches",
                actions=["s3:DeleteObject"],
                resources=[
                    pulumi.Output.concat(self.bucket_arn, f"/{case.folder}/{folder}*")
                    for folder in (f"{MODELS}/{FEATURE}", f"{OPEN_BRANCHES}/")
                ],
            ),
            use_key(self.key_arn, "UseTheKeyOfArtifacts", write=True, service="codebuild"),
            *self._images(),
            *self._build_image(),
            *join_network(case.region, self.account_id),
            *(install_packages(self.packages) if self.packages is not None else []),
            *self._groups_of_branches(),
            Statement(
                sid="Report",
                actions=["codebuild:BatchPutTestCases", "codebuild:CreateReport", "codebuild:UpdateReport"],
                resources=case.arns("codebuild", self.account_id, "report-group/"),
            ),
            Statement(
                sid="WriteLogs",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=case.arns("logs", self.account_id, "log-group:/aws/codebuild/"),
            ),
            within_organization(
                Statement(
                    sid="OperateInDevelopment",
                    actions=["sts:AssumeRole"],
                    resources=[case.role_arn("operator", self.development_account_id, "development")],
                ),
                self.organization_id,
            ),
        ]

    def _images(self) -> list[Statement]:
        """Allows starting the build of images, following it, and reading the digests of what it pushed.

        The project of images is privileged. A start therefore cannot replace its commands, its source, its image or its
        role.
        """
        case = self.use_case
        project = case.names.image_project
        arn = case.arn("codebuild", self.account_id, f"project/{project}")
        return [
            start_as_it_is("StartImageBuilds", [arn], [IMAGE_TAG]),
            Statement(sid="FollowImageBuilds", actions=["codebuild:BatchGetBuilds"], resources=[arn]),
            Statement(
                sid="ReadLogsOfImageBuilds",
                actions=["logs:GetLogEvents"],
                resources=[case.arn("logs", self.account_id, f"log-group:/aws/codebuild/{project}:log-stream:*")],
            ),
            Statement(
                sid="SeeImages",
                actions=["ecr:BatchGetImage"],
                resources=[case.arn("ecr", self.account_id, f"repository/{case.folder}/*")],
            ),
        ]

    def _build_image(self) -> list[Statement]:
        """Allows pulling the image in which builds run, if it is in ECR."""
        if not self.pulled:
            return []
        statement = Statement(sid="PullTheImageOfBuilds", actions=PULLING, resources=self.pulled)
        return [within_organization(statement, self.organization_id)]

    def _groups_of_branches(self) -> list[Statement]:
        """Allows creating, sharing and deleting the model package groups of feature branches (BR-04, BR-05), and
        reading all groups of the use case. The groups of main and develop belong to the stack."""
        case, names = self.use_case, self.use_case.names
        branches = [
            case.arn("sagemaker", self.account_id, f"{kind}/{names.feature_groups}")
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
                resources=case.arns("sagemaker", self.account_id, "model-package/", "model-package-group/"),
            ),
        ]
