"""The role with which the deployment repository's program is released to one environment, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.statements import Statement
from components.identity.releases.promotion_builds import PromotionBuildRole
from components.identity.use_cases.use_case import within_organization
from settings.data.artifact_layout import DEPLOYMENTS, PROMOTIONS, release_stack, state_objects
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseProgramRole(PromotionBuildRole):
    """The role with which a build runs the program and the tests of the deployment repository for one environment.

    Code of the repository finds the credentials of the build in which it runs, whatever its variables are. The role
    therefore enters its own environment only. It writes the state of that environment's stack, and may add the record
    of a failed action. It replaces no record, marks no version, and reads what the promotion recorded.
    """

    FORMER_COMPONENT: ClassVar = "plinth:identity:ReleaseProgramRole"

    environment: ReleasedTo
    """Environment to which the program is released."""

    release_account_id: pulumi.Input[str]
    """Id of the environment's account."""

    def role_name(self) -> str:
        return self.use_case.role_name(self.use_case.release_program(self.environment))

    def description(self) -> str:
        return f"Program and tests of releases of {self.use_case.prefix} to {self.environment}"

    def project(self) -> str:
        return self.use_case.names.release_project(self.environment)

    def permissions(self) -> Sequence[Statement]:
        release = Statement(
            sid="Release",
            actions=["sts:AssumeRole"],
            resources=[self.use_case.role_arn("release", self.release_account_id, self.environment)],
        )
        return [
            *self._read_what_is_promoted(),
            *self._state(),
            *self._run_builds(),
            within_organization(release, self.organization_id),
        ]

    def _state(self) -> list[Statement]:
        """Allows writing the state of the environment's stack, and adding records of failures of its stage."""
        case, stack = self.use_case, release_stack(self.use_case.team, self.environment)
        state = [
            pulumi.Output.concat(self.bucket_arn, f"/{case.folder}/{DEPLOYMENTS}/{path}")
            for path in state_objects(case.prefix, stack)
        ]
        failures = f"/{case.folder}/{PROMOTIONS}/executions/*/failure-{self.environment}*.json"
        return [
            Statement(
                sid="StateWrite",
                actions=["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"],
                resources=state,
            ),
            Statement(
                sid="AddFailures",
                actions=["s3:PutObject"],
                resources=[pulumi.Output.concat(self.bucket_arn, failures)],
                # A conditional write replaces nothing (S3 User Guide, "Enforce conditional writes").
                conditions={"Null": {"s3:if-none-match": "false"}},
            ),
        ]
