"""Base class of the roles of all builds of a use case's promotion."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import pulumi

from components.identity.iam.actions import PULLING
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import read_folder, use_key
from components.identity.use_cases.use_case_role import UseCaseRole
from components.identity.workloads.workload_permissions import join_network


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionBuildRole(UseCaseRole, ABC):
    """A role in the tooling account with which a project of the promotion runs in CodeBuild."""

    organization_id: pulumi.Input[str]
    """Id of the organization of all accounts."""

    bucket_arn: pulumi.Input[str]
    """ARN of the bucket of registered models."""

    key_arn: pulumi.Input[str]
    """ARN of the artifacts' KMS key."""

    source_bucket_arn: pulumi.Input[str]
    """ARN of the bucket of the pipeline's artifacts, from which builds take the code of the deployment."""

    image_repository_arn: pulumi.Input[str]
    """ARN of the ECR repository of the image of promotions."""

    @abstractmethod
    def project(self) -> str:
        """Returns the name of the only project whose builds assume the role."""

    def trust(self) -> Statement:
        return self.use_case.trust_builds(self.account_id, self.project())

    def _read_what_is_promoted(self) -> list[Statement]:
        """Allows reading registered versions, code, records and the source of the pipeline, and using the key of the
        artifacts."""
        case = self.use_case
        return [
            Statement(
                sid="CompareCode",
                actions=["codecommit:GetBlob", "codecommit:GetCommit", "codecommit:GetDifferences"],
                resources=case.arns("codecommit", self.account_id, ""),
            ),
            Statement(
                sid="SeeModels",
                actions=["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
                resources=case.arns("sagemaker", self.account_id, "model-package/"),
            ),
            *read_folder(self.bucket_arn, case.folder, "Artifacts"),
            Statement(
                sid="ReadSources",
                actions=["s3:GetObject", "s3:GetObjectVersion"],
                resources=[pulumi.Output.concat(self.source_bucket_arn, "/*")],
            ),
            use_key(self.key_arn, "UseTheKeyOfArtifacts", write=True, service="codebuild"),
        ]

    def _run_builds(self) -> list[Statement]:
        """Allows what CodeBuild does with the role of a project: pulling the image, joining the network, reporting and
        logging."""
        case, project = self.use_case, self.project()
        return [
            Statement(
                sid="PullTheImage",
                actions=PULLING,
                resources=[self.image_repository_arn],
            ),
            *join_network(case.region, self.account_id),
            Statement(
                sid="Report",
                actions=["codebuild:BatchPutTestCases", "codebuild:CreateReport", "codebuild:UpdateReport"],
                resources=[case.arn("codebuild", self.account_id, f"report-group/{project}-*")],
            ),
            self._write_build_logs(project),
        ]
