"""The role that copies a use case's repositories from a source provider, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import use_key
from components.identity.use_cases.use_case_role import UseCaseRole
from components.identity.workloads.code_permissions import use_key_of_code
from settings.derived.use_case_names import REPOSITORIES


@dataclass(frozen=True, kw_only=True, slots=True)
class MirrorRole(UseCaseRole):
    """The role that copies pushes at a source provider to the CodeCommit repositories of a use case, and sees the
    result of the build that follows. Only the two mirror projects can assume it. It cannot start builds.

    The token of a connection reaches every repository that the provider's app may read, because its actions know
    neither a resource below the connection nor a condition on the repository (Service Authorization Reference).
    """

    FORMER_COMPONENT: ClassVar = "plinth:identity:MirrorRole"

    connection_arn: pulumi.Input[str]
    """ARN of the connection to the source provider."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of build output and of the repositories."""

    def role_name(self) -> str:
        return self.use_case.role_name("mirror")

    def description(self) -> str:
        return f"Copies pushes at the source provider to the repositories of {self.use_case.prefix}"

    def trust(self) -> Statement:
        return self.use_case.trust_builds(self.account_id, *map(self.use_case.names.mirror_project, REPOSITORIES))

    def permissions(self) -> Sequence[Statement]:
        case, names = self.use_case, self.use_case.names
        return [
            Statement(
                sid="ReadThroughTheConnection",
                actions=["codeconnections:GetConnection", "codeconnections:GetConnectionToken"],
                resources=[self.connection_arn],
            ),
            Statement(
                sid="CopyCode",
                actions=["codecommit:GitPull", "codecommit:GitPush"],
                resources=[
                    case.arn("codecommit", self.account_id, names.repository(repository)) for repository in REPOSITORIES
                ],
            ),
            Statement(
                sid="SeeBuilds",
                actions=["codebuild:BatchGetBuilds", "codebuild:ListBuildsForProject"],
                resources=[case.arn("codebuild", self.account_id, f"project/{names.build_project}")],
            ),
            use_key(self.key_arn, "UseTheKeyOfOutput", write=True, service="codebuild"),
            use_key_of_code([self.key_arn], case.region, write=True),
            self._write_build_logs(*map(names.mirror_project, REPOSITORIES)),
        ]
