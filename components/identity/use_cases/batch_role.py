"""The role of a use case's batch inference: its pipeline and processing jobs, in pre-production or production."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    read_folder,
    send_results,
    use_key,
    within_organization,
    write_folder,
    write_job_logs,
)
from components.identity.use_cases.use_case_role import VersionReadingRole
from components.identity.workloads.returned_results import return_results
from components.identity.workloads.workload_permissions import encrypt_volumes, run_in_network
from settings.data.artifact_layout import MODELS
from settings.data.ml_layout import OUTPUTS

JOBS = ("processing-job/", "transform-job/")
"""Resource types that the pipeline creates."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRole(VersionReadingRole):
    """The role that runs batch inference: it starts encrypted batch transforms with models of the use case, processing
    jobs in the network, and returns results to the lake. In production, it tells how inputs compare with the data of
    training. It creates and deploys no models."""

    FORMER_COMPONENT: ClassVar = "plinth:identity:BatchRole"

    bus_account_id: pulumi.Input[str] | None = None
    """Id of the account with the bus for results of comparisons. None sends no results."""

    def role_name(self) -> str:
        return self.use_case.role_name("pipeline", self.environment)

    def description(self) -> str:
        return f"Batch inference of {self.use_case.prefix} in {self.environment}"

    def trust(self) -> Statement:
        return service_trust("sagemaker", account_id=self.account_id)

    def permissions(self) -> Sequence[Statement]:
        return [*self._data(), *self._jobs(), *send_results(self.use_case, self.bus_account_id, self.organization_id)]

    def _data(self) -> list[Statement]:
        case = self.use_case
        registry = [
            *read_folder(self.registry_bucket_arn, f"{case.folder}/{MODELS}", "Versions"),
            use_key(self.registry_key_arn, "UseTheKeyOfTheRegistry"),
        ]
        return [
            *(within_organization(statement, self.organization_id) for statement in registry),
            *read_folder(self.bucket_arn, case.ml_folder, "Runs"),
            write_folder(self.bucket_arn, f"{case.ml_folder}/*/{OUTPUTS}", "Outputs", parts=True),
            use_key(self.key_arn, "UseTheKey", write=True, service="sagemaker"),
            *return_results(case.region, case.team, self.environment),
        ]

    def _jobs(self) -> list[Statement]:
        case, environment = self.use_case, self.environment
        return [
            *run_in_network(case.region, self.account_id),
            encrypt_volumes(self.key_arn, "EncryptVolumes"),
            Statement(
                sid="WorkInTheNetwork",
                actions=["sagemaker:CreateProcessingJob"],
                resources=case.arns_in(environment, "sagemaker", self.account_id, "processing-job/"),
                conditions={"Null": {"sagemaker:VpcSubnets": "false"}},
            ),
            # The network of a batch transform is that of its model, which only releases create.
            Statement(
                sid="PredictEncrypted",
                actions=["sagemaker:CreateTransformJob"],
                resources=case.arns_in(environment, "sagemaker", self.account_id, "transform-job/"),
                conditions={
                    "ArnEquals": {"sagemaker:OutputKmsKey": self.key_arn, "sagemaker:VolumeKmsKey": self.key_arn}
                },
            ),
            Statement(
                sid="FollowAndStop",
                actions=[
                    "sagemaker:AddTags",
                    "sagemaker:DescribeProcessingJob",
                    "sagemaker:DescribeTransformJob",
                    "sagemaker:StopProcessingJob",
                    "sagemaker:StopTransformJob",
                ],
                resources=case.arns_in(environment, "sagemaker", self.account_id, *JOBS),
            ),
            self._pass_roles("GiveJobsTheRole", "sagemaker", environment, "pipeline"),
            write_job_logs(case, self.account_id),
        ]
