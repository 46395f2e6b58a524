"""The role of a use case's pipelines and their jobs, in development."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.actions import JOB_LOGS
from components.identity.iam.arns import arn_of
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    read_folder,
    use_key,
    within_organization,
    write_folder,
    write_metrics,
)
from components.identity.use_cases.use_case_role import UseCaseRole
from components.identity.workloads.query_permissions import query_in_workgroup
from components.identity.workloads.returned_results import return_results
from components.identity.workloads.workload_permissions import (
    encrypt_volumes,
    read_features,
    run_in_network,
)
from settings.data.artifact_layout import MODELS
from settings.data.glue_step import queue_name
from settings.derived.use_case_names import MAIN
from settings.types.naming import query_workgroup

ARCHIVE = "model.tar.gz"
"""File of a model in the folder of a version."""
JOBS = ("hyper-parameter-tuning-job/", "model/", "processing-job/", "training-job/")
"""Resource types that a pipeline creates under names of the use case (``use_custom_job_prefix`` of the SageMaker SDK).
By default SageMaker names them after the execution, so that policies could not distinguish use cases."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PipelineRole(UseCaseRole):
    """The role that trains, evaluates and registers models: jobs in the network, data granted by the lake, and model
    versions that wait for an approval, which this role cannot give (IA-12)."""

    FORMER_COMPONENT: ClassVar = "plinth:identity:PipelineRole"

    tooling_account_id: pulumi.Input[str]
    """Id of the registry's account."""

    organization_id: pulumi.Input[str]
    """Id of the organization of both accounts."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    registry_key_arn: pulumi.Input[str]
    """ARN of the KMS key of the registry's artifacts."""

    registry_bucket_arn: pulumi.Input[str]
    """ARN of the tooling account's bucket for artifacts of registered models."""

    def role_name(self) -> str:
        return self.use_case.role_name("pipeline", "development")

    def description(self) -> str:
        return f"Pipelines and jobs of {self.use_case.prefix}"

    def trust(self) -> Statement:
        return service_trust("sagemaker", account_id=self.account_id)

    def permissions(self) -> Sequence[Statement]:
        return [*self._data(), *self._jobs(), self._send_callbacks(), *self._registration()]

    def _data(self) -> list[Statement]:
        """Allows reading the lake as granted and returning results to it. Data to work on is copied to the environment
        (DEV-04)."""
        case = self.use_case
        return [
            *query_in_workgroup(
                case.region, self.account_id, self.bucket_arn, query_workgroup(case.team, "development")
            ),
            *read_features(case.region),
            *return_results(case.region, case.team, "development"),
            *read_folder(self.bucket_arn, case.ml_folder, "Data"),
            write_folder(self.bucket_arn, case.ml_folder, "Data", parts=True),
            use_key(self.key_arn, "UseTheKeyOfData", write=True, service="sagemaker"),
        ]

    def _jobs(self) -> list[Statement]:
        case = self.use_case
        return [
            *run_in_network(case.region, self.account_id),
            encrypt_volumes(self.key_arn, "EncryptVolumes"),
            Statement(
                sid="WorkInTheNetwork",
                actions=[
                    "sagemaker:CreateHyperParameterTuningJob",
                    "sagemaker:CreateModel",
                    "sagemaker:CreateProcessingJob",
                    "sagemaker:CreateTrainingJob",
                ],
                resources=case.arns("sagemaker", self.account_id, *JOBS),
                conditions={"Null": {"sagemaker:VpcSubnets": "false"}},
            ),
            Statement(
                sid="FollowTransformAndStop",
                actions=[
                    "sagemaker:AddTags",
                    "sagemaker:CreateTransformJob",
                    "sagemaker:Describe*",
                    "sagemaker:StopHyperParameterTuningJob",
                    "sagemaker:StopProcessingJob",
                    "sagemaker:StopTrainingJob",
                    "sagemaker:StopTransformJob",
                ],
                resources=case.arns("sagemaker", self.account_id, *JOBS, "pipeline/", "transform-job/"),
            ),
            self._pass_roles("GiveJobsTheRole", "sagemaker", "development", "pipeline"),
            Statement(
                sid="WriteLogs",
                actions=JOB_LOGS,
                resources=[arn_of("logs", case.region, self.account_id, "log-group:/aws/sagemaker/*")],
            ),
            write_metrics(case, "/aws/sagemaker/*"),
        ]

    def _send_callbacks(self) -> Statement:
        """Allows Callback steps to send to their queues, whose names begin with the use case's name (INT-02)."""
        case = self.use_case
        name = queue_name(case.team, case.name, "development", "*")
        return Statement(
            sid="AskForSteps",
            actions=["sqs:SendMessage"],
            resources=[arn_of("sqs", case.region, self.account_id, name)],
        )

    def _registration(self) -> list[Statement]:
        case = self.use_case
        statements = [
            Statement(
                sid="RegisterForApproval",
                actions=["sagemaker:CreateModelPackage"],
                resources=case.arns("sagemaker", self.tooling_account_id, "model-package/", "model-package-group/"),
                conditions={
                    "StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"},
                    "Null": {"sagemaker:ModelLifeCycle:Stage": "true"},
                },
            ),
            Statement(
                sid="SeeWhatIsRegistered",
                actions=["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup"],
                resources=case.arns("sagemaker", self.tooling_account_id, "model-package/", "model-package-group/"),
            ),
            write_folder(self.registry_bucket_arn, f"{case.folder}/{MODELS}", "Registry", parts=True),
            # A run evaluates the deployed model beside the candidate (TR-13).
            Statement(
                sid="ReadDeployedModels",
                actions=["s3:GetObject"],
                resources=[
                    pulumi.Output.concat(self.registry_bucket_arn, f"/{case.folder}/{MODELS}/{MAIN}/*/{ARCHIVE}")
                ],
            ),
            use_key(self.registry_key_arn, "UseTheKeyOfTheRegistry", write=True, service="sagemaker"),
        ]
        return [within_organization(statement, self.organization_id) for statement in statements]
