"""The role of a use case's promotion, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.statements import Statement
from components.identity.releases.promotion_builds import PromotionBuildRole
from components.identity.use_cases.use_case import within_organization, write_folder
from settings.data.artifact_layout import DEPLOYMENTS, PROMOTIONS, STATE_VERSION
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionRole(PromotionBuildRole):
    """The role with which the promotion decides and records: it plans, verifies approvals, compares what an environment
    serves with the plan, and marks versions. It runs no code of the repositories.

    Only the project ``<team>--<use-case>-promotion`` of CodeBuild can assume it, so builds of the build repository
    cannot release (T-02), and neither the program nor the tests of the deployment repository can write records. It
    assumes the release role of each environment to read what is served. It registers no models, approves nothing,
    pushes no images, and reads the state of deployments.
    """

    FORMER_COMPONENT: ClassVar = "plinth:identity:PromotionRole"

    released_to: Sequence[tuple[ReleasedTo, pulumi.Input[str]]]
    """Environments to which the use case is released, each with the id of its account."""

    def role_name(self) -> str:
        return self.use_case.role_name("promotion")

    def description(self) -> str:
        return f"Promotion of models of {self.use_case.prefix}"

    def project(self) -> str:
        return self.use_case.names.promotion_project

    def permissions(self) -> Sequence[Statement]:
        release = Statement(
            sid="Release",
            actions=["sts:AssumeRole"],
            resources=[
                self.use_case.role_arn("release", account_id, environment)
                for environment, account_id in self.released_to
            ],
        )
        return [
            *self._read_what_is_promoted(),
            *self._judgement(),
            *self._scans(),
            *self._records(),
            *self._run_builds(),
            within_organization(release, self.organization_id),
        ]

    def _judgement(self) -> list[Statement]:
        """Allows reading who approved, ending an execution, and marking the versions that are served."""
        case = self.use_case
        return [
            Statement(
                sid="FollowThePipeline",
                actions=[
                    "codepipeline:GetPipelineExecution",
                    "codepipeline:ListActionExecutions",
                    "codepipeline:StopPipelineExecution",
                ],
                resources=[case.arn("codepipeline", self.account_id, case.names.promotion_pipeline)],
            ),
            Statement(
                sid="MarkWhatIsServed",
                actions=["sagemaker:UpdateModelPackage"],
                resources=case.arns("sagemaker", self.account_id, "model-package/"),
                # Metadata only: people decide about the approval.
                conditions={
                    "Null": {"sagemaker:ModelApprovalStatus": "true", "sagemaker:ModelLifeCycle:Stage": "true"},
                },
            ),
        ]

    def _scans(self) -> list[Statement]:
        """Allows reading the findings of scans of the use case's images. With enhanced scanning, ECR asks Amazon
        Inspector with the credentials of the caller (Amazon ECR User Guide, "IAM permissions required for enhanced
        scanning")."""
        case = self.use_case
        return [
            Statement(
                sid="ReadScansOfImages",
                actions=["ecr:DescribeImageScanFindings"],
                resources=[case.arn("ecr", self.account_id, f"repository/{case.folder}/*")],
            ),
            Statement(
                sid="ReadFindingsOfInspector",
                actions=["inspector2:ListCoverage", "inspector2:ListFindings"],
                resources=["*"],
            ),
        ]

    def _records(self) -> list[Statement]:
        """Allows writing the records of promotions, and preparing the folder of the states of deployments."""
        folder = self.use_case.folder
        return [
            write_folder(self.bucket_arn, f"{folder}/{PROMOTIONS}", "Records"),
            Statement(
                sid="PrepareStates",
                actions=["s3:PutObject"],
                resources=[pulumi.Output.concat(self.bucket_arn, f"/{folder}/{DEPLOYMENTS}/{STATE_VERSION}")],
            ),
        ]
