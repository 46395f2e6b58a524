"""The role of the function that starts a use case's batch inference, in pre-production or production."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.principals import function_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    use_key,
    write_folder,
    write_function_logs,
)
from components.identity.use_cases.use_case_role import ReleasedRole
from components.identity.workloads.workload_permissions import join_network_of_functions
from settings.data.ml_layout import COMPLETE


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchStartRole(ReleasedRole):
    """The role of the function that starts batch inference: it sees which inputs are complete, stores the code of the
    jobs in the folder of a run, and starts the pipeline. It reads no input."""

    FORMER_COMPONENT: ClassVar = "plinth:identity:BatchStartRole"

    def role_name(self) -> str:
        return self.use_case.role_name("start-batch", self.environment)

    def description(self) -> str:
        return f"Starts of batch inference of {self.use_case.prefix} in {self.environment}"

    def trust(self) -> Statement:
        return function_trust()

    def permissions(self) -> Sequence[Statement]:
        case, environment = self.use_case, self.environment
        return [
            Statement(
                sid="StartThePipeline",
                actions=["sagemaker:StartPipelineExecution"],
                resources=case.arns_in(environment, "sagemaker", self.account_id, "pipeline/"),
            ),
            Statement(
                sid="SeeRuns",
                actions=["s3:ListBucket"],
                resources=[self.bucket_arn],
                conditions={"StringLike": {"s3:prefix": f"{case.ml_folder}/*"}},
            ),
            Statement(
                sid="SeeMarkers",
                actions=["s3:GetObject"],
                resources=[pulumi.Output.concat(self.bucket_arn, f"/{case.ml_folder}/*/input/{COMPLETE}")],
            ),
            write_folder(self.bucket_arn, f"{case.ml_folder}/*/code", "Code"),
            use_key(self.key_arn, "UseTheKey", write=True),
            write_function_logs(case, environment, self.account_id),
            *join_network_of_functions(case.region, self.account_id),
        ]
