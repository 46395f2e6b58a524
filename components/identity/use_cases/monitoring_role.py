"""The role that monitors the deployed models of a use case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    list_folder,
    read_folder,
    send_results,
    use_key,
    within_organization,
    write_folder,
    write_job_logs,
    write_metrics,
)
from components.identity.use_cases.use_case_role import VersionReadingRole
from components.identity.workloads.returned_results import return_results
from components.identity.workloads.workload_permissions import encrypt_volumes, run_in_network
from settings.data.artifact_layout import MODELS
from settings.data.lake import CURATED
from settings.data.ml_layout import MONITORING, PREDICTIONS, SWITCH

READ = ("constraints.json", "model.tar.gz", "statistics.json")
"""Files in the folder of a version that the job reads: the baseline, and the model, which explains predictions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringRole(VersionReadingRole):
    """The role that compares an endpoint's requests and responses with the baseline of the served version, and its
    predictions with ground truth, and reports to CloudWatch. It may stop predictions, and changes no endpoint. It
    writes captured requests that people select into datasets whose owners have agreed."""

    bus_account_id: pulumi.Input[str] | None = None
    """Id of the account with the bus for results. None sends no results."""

    def role_name(self) -> str:
        return self.use_case.role_name("monitoring", self.environment)

    def description(self) -> str:
        return f"Monitoring of {self.use_case.prefix} in {self.environment}"

    def trust(self) -> Statement:
        return service_trust("sagemaker", account_id=self.account_id)

    def permissions(self) -> Sequence[Statement]:
        case = self.use_case
        versions = f"{case.folder}/{MODELS}"
        registry = [
            list_folder(self.registry_bucket_arn, versions, "SeeVersions"),
            Statement(
                sid="ReadVersions",
                actions=["s3:GetObject"],
                resources=[pulumi.Output.concat(self.registry_bucket_arn, f"/{versions}/*/{file}") for file in READ],
            ),
            use_key(self.registry_key_arn, "UseTheKeyOfTheRegistry"),
        ]
        return [
            *(within_organization(statement, self.organization_id) for statement in registry),
            *read_folder(self.bucket_arn, f"{case.ml_folder}/{MONITORING}", "Evidence"),
            write_folder(self.bucket_arn, f"{case.ml_folder}/{MONITORING}/results", "Findings", parts=True),
            write_folder(self.bucket_arn, f"{case.ml_folder}/{MONITORING}/{PREDICTIONS}", "Predictions", parts=True),
            write_folder(self.bucket_arn, f"{case.ml_folder}/{MONITORING}/{SWITCH}", "Switch"),
            use_key(self.key_arn, "UseTheKey", write=True, service="sagemaker"),
            encrypt_volumes(self.key_arn, "EncryptVolumes"),
            *run_in_network(case.region, self.account_id),
            write_job_logs(case, self.account_id),
            write_metrics(case),
            *return_results(case.region, case.team, self.environment, CURATED, case.name),
            *send_results(case, self.bus_account_id, self.organization_id),
        ]
