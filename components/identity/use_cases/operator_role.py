"""The role with which continuous integration creates, updates and starts a use case's pipelines in development."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.principals import role_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import read_folder, use_key
from components.identity.use_cases.use_case_role import UseCaseRole
from settings.data.ml_layout import class_prefix, classes_in


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorRole(UseCaseRole):
    """The only role that creates, updates, starts and deletes a use case's pipelines. People only view them (DEV-01).
    It stores the code and the input of a build before it starts the pipeline (CI-07), and deletes the data of feature
    branches after their merge (BR-07)."""

    FORMER_COMPONENT: ClassVar = "plinth:identity:OperatorRole"

    tooling_account_id: pulumi.Input[str]
    """Id of the account in which continuous integration runs."""

    organization_id: pulumi.Input[str]
    """Id of the organization of both accounts."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket, for the code of builds and their input."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    def role_name(self) -> str:
        return self.use_case.role_name("operator", "development")

    def description(self) -> str:
        return f"Pipelines of {self.use_case.prefix}, by continuous integration"

    def trust(self) -> Statement:
        return role_trust(
            account_id=self.tooling_account_id,
            organization_id=self.organization_id,
            role_arns=[self.use_case.role_arn("integration", self.tooling_account_id)],
        )

    def permissions(self) -> Sequence[Statement]:
        case = self.use_case
        return [
            Statement(
                sid="OperatePipelines",
                actions=[
                    "sagemaker:AddTags",
                    "sagemaker:CreatePipeline",
                    "sagemaker:DeletePipeline",
                    "sagemaker:DescribePipeline",
                    "sagemaker:DescribePipelineDefinitionForExecution",
                    "sagemaker:DescribePipelineExecution",
                    "sagemaker:ListPipelineExecutionSteps",
                    "sagemaker:ListPipelineExecutions",
                    "sagemaker:ListPipelineParametersForExecution",
                    "sagemaker:StartPipelineExecution",
                    "sagemaker:StopPipelineExecution",
                    "sagemaker:UpdatePipeline",
                ],
                resources=case.arns("sagemaker", self.account_id, "pipeline/"),
            ),
            self._pass_roles("GiveThePipelineItsRole", "sagemaker", "development", "pipeline"),
            *read_folder(self.bucket_arn, case.ml_folder, "Builds"),
            Statement(
                sid="StoreCodeAndInputOfBuilds",
                actions=["s3:AbortMultipartUpload", "s3:PutObject"],
                resources=[
                    pulumi.Output.concat(self.bucket_arn, f"/{class_prefix(case.ml_folder, kind)}*/{part}/*")
                    for kind in classes_in("development")
                    for part in ("code", "input")
                ],
            ),
            use_key(self.key_arn, "UseTheKeyOfData", write=True),
            Statement(
                sid="DeleteDataOfBranches",
                actions=["s3:DeleteObject"],
                resources=[pulumi.Output.concat(self.bucket_arn, f"/{class_prefix(case.ml_folder, 'feature')}*")],
            ),
        ]
