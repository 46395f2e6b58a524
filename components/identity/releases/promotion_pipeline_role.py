"""The role of a use case's promotion pipeline, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import use_key
from components.identity.use_cases.use_case_role import UseCaseRole
from settings.types.kinds import RELEASED_TO


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionPipelineRole(UseCaseRole):
    """The role of CodePipeline. It reads the deployment repository, starts the projects of the promotion, keeps
    artifacts, and tells people of pending approvals. It enters no other account and changes no model."""

    FORMER_COMPONENT: ClassVar = "plinth:identity:PromotionPipelineRole"

    bucket_arn: pulumi.Input[str]
    """ARN of the bucket of the pipeline's artifacts."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of the artifacts."""

    def role_name(self) -> str:
        return self.use_case.role_name("promoter")

    def description(self) -> str:
        return f"Promotion pipeline of {self.use_case.prefix}"

    def trust(self) -> Statement:
        return service_trust(
            "codepipeline",
            account_id=self.account_id,
            source_arns=[self.use_case.arn("codepipeline", self.account_id, self.use_case.names.promotion_pipeline)],
        )

    def permissions(self) -> Sequence[Statement]:
        """Returns what the actions need (CodePipeline User Guide, "Manage the CodePipeline service role")."""
        case = self.use_case
        named = [
            case.names.promotion_project,
            *(case.names.release_project(environment) for environment in RELEASED_TO),
        ]
        projects = [case.arn("codebuild", self.account_id, f"project/{name}") for name in named]
        return [
            Statement(
                sid="ReadCodeOfTheDeployment",
                actions=[
                    "codecommit:CancelUploadArchive",
                    "codecommit:GetBranch",
                    "codecommit:GetCommit",
                    "codecommit:GetUploadArchiveStatus",
                    "codecommit:UploadArchive",
                ],
                resources=[case.arn("codecommit", self.account_id, case.names.repository("deployment"))],
            ),
            Statement(sid="FollowActions", actions=["codebuild:BatchGetBuilds"], resources=projects),
            # A statement of its own, because rule IA-06 knows who may start which builds.
            Statement(sid="StartActions", actions=["codebuild:StartBuild"], resources=projects),
            Statement(
                sid="KeepArtifacts",
                actions=["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
                resources=[pulumi.Output.concat(self.bucket_arn, "/*")],
            ),
            Statement(
                sid="SeeTheBucket",
                actions=["s3:GetBucketLocation", "s3:GetBucketVersioning"],
                resources=[self.bucket_arn],
            ),
            Statement(
                sid="AskForApprovals",
                actions=["sns:Publish"],
                resources=[case.arn("sns", self.account_id, case.names.promotion_topic)],
            ),
            use_key(self.key_arn, "UseTheKeyOfArtifacts", write=True, service="codebuild"),
        ]
