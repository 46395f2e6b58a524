"""The role of the function between the API and the endpoint of a use case, in pre-production or production."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from components.identity.iam.principals import function_trust
from components.identity.iam.statements import Statement
from components.identity.releases.event_predictions import answer_events
from components.identity.use_cases.use_case import (
    read_folder,
    use_key,
    write_folder,
    write_function_logs,
)
from components.identity.use_cases.use_case_role import ReleasedRole
from components.identity.workloads.workload_permissions import join_network_of_functions
from settings.data.ml_layout import ASYNCHRONOUS, MONITORING, SWITCH, AsynchronousRequests


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionRole(ReleasedRole):
    """The role of the function that checks requests for predictions: it invokes the endpoint of its use case and writes
    its log. It reads the switch of predictions. For asynchronous inference it stores requests and reads their answers.
    It reads no other data.

    Releases create the function and may not create roles, so the role exists before.
    """

    FORMER_COMPONENT: ClassVar = "plinth:identity:FunctionRole"

    answers_events: bool = False
    """Whether functions of the use case answer events too."""

    def role_name(self) -> str:
        return self.use_case.role_name("predict", self.environment)

    def description(self) -> str:
        return f"Requests for predictions of {self.use_case.prefix} in {self.environment}"

    def trust(self) -> Statement:
        return function_trust()

    def permissions(self) -> Sequence[Statement]:
        case, environment = self.use_case, self.environment
        return [
            Statement(
                sid="InvokeTheEndpoint",
                actions=["sagemaker:InvokeEndpoint", "sagemaker:InvokeEndpointAsync"],
                resources=case.arns_in(environment, "sagemaker", self.account_id, "endpoint/"),
            ),
            *read_folder(self.bucket_arn, f"{case.ml_folder}/{MONITORING}/{SWITCH}", "Switch"),
            *self._requests(),
            *(answer_events(case, environment, self.account_id) if self.answers_events else ()),
            write_function_logs(case, environment, self.account_id),
            *join_network_of_functions(case.region, self.account_id),
        ]

    def _requests(self) -> list[Statement]:
        """Allows storing requests of asynchronous inference and reading their answers."""
        case = self.use_case.ml_folder
        written = (
            AsynchronousRequests(use_case=case, part=part).prefix.rstrip("/") for part in ("requests", "accepted")
        )
        return [
            *read_folder(self.bucket_arn, f"{case}/{ASYNCHRONOUS}", "Requests"),
            *(write_folder(self.bucket_arn, folder, folder.rpartition("/")[2].title()) for folder in written),
            use_key(self.key_arn, "UseTheKey", write=True),
        ]
