"""The role of the function that starts comparisons with the baseline, in pre-production or production."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.identity.iam.principals import function_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    write_folder,
    write_function_logs,
)
from components.identity.use_cases.use_case_role import ReleasedRole
from components.identity.workloads.workload_permissions import encrypt_volumes, join_network_of_functions
from settings.data.ml_layout import MONITORING


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorStartRole(ReleasedRole):
    """The role of the function that starts a comparison: it stores the code of the job and starts it in the network,
    with the role for monitoring. It reads neither captured requests nor results."""

    def role_name(self) -> str:
        return self.use_case.role_name("start-monitor", self.environment)

    def description(self) -> str:
        return f"Starts of monitoring of {self.use_case.prefix} in {self.environment}"

    def trust(self) -> Statement:
        return function_trust()

    def permissions(self) -> Sequence[Statement]:
        case, environment = self.use_case, self.environment
        return [
            Statement(
                sid="CompareInTheNetwork",
                actions=["sagemaker:CreateProcessingJob"],
                resources=case.arns_in(environment, "sagemaker", self.account_id, "processing-job/"),
                conditions={"Null": {"sagemaker:VpcSubnets": "false"}},
            ),
            Statement(
                sid="TagTheJob",
                actions=["sagemaker:AddTags"],
                resources=case.arns_in(environment, "sagemaker", self.account_id, "processing-job/"),
                conditions={"StringEquals": {"sagemaker:TaggingAction": "CreateProcessingJob"}},
            ),
            Statement(
                sid="SeeTheJobBefore",
                actions=["sagemaker:DescribeProcessingJob"],
                resources=case.arns_in(environment, "sagemaker", self.account_id, "processing-job/"),
            ),
            self._pass_roles("GiveTheJobItsRole", "sagemaker", environment, "monitoring"),
            encrypt_volumes(self.key_arn, "EncryptVolumes"),
            write_folder(self.bucket_arn, f"{case.ml_folder}/{MONITORING}/code", "Code"),
            # The code is small. Only an upload in parts would need kms:Decrypt.
            Statement(sid="UseTheKey", actions=["kms:GenerateDataKey"], resources=[self.key_arn]),
            write_function_logs(case, environment, self.account_id),
            *join_network_of_functions(case.region, self.account_id),
        ]
