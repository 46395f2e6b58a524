"""The role with which EventBridge starts a use case's builds, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case_role import UseCaseRole


@dataclass(frozen=True, kw_only=True, slots=True)
class StartRole(UseCaseRole):
    """The role of the use case's event rules. It starts the build project and the promotion pipeline, and does nothing
    else."""

    FORMER_COMPONENT: ClassVar = "plinth:identity:StartRole"

    promotes: bool = False
    """Whether the use case has a promotion pipeline, which the role starts too."""

    def role_name(self) -> str:
        return self.use_case.role_name("start")

    def description(self) -> str:
        return f"Starts builds of {self.use_case.prefix} when somebody pushes"

    def trust(self) -> Statement:
        return service_trust(
            "events", account_id=self.account_id, source_arns=self.use_case.arns("events", self.account_id, "rule/")
        )

    def permissions(self) -> Sequence[Statement]:
        case = self.use_case
        builds = case.arn("codebuild", self.account_id, f"project/{case.names.build_project}")
        promotions = case.arn("codepipeline", self.account_id, case.names.promotion_pipeline)
        start = [Statement(sid="StartBuilds", actions=["codebuild:StartBuild"], resources=[builds])]
        if self.promotes:
            start.append(
                Statement(
                    sid="StartPromotions", actions=["codepipeline:StartPipelineExecution"], resources=[promotions]
                )
            )
        return start
