"""Base class of the roles of a use case: name, description, trust policy and permissions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.former_components import without_component
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import RoleOfUseCase, UseCase
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from settings.types.kinds import Environment, ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCaseRole(ABC):
    """A role of a use case. A subclass is one role: it says how the role is called, who assumes it, and what it may
    do. Its fields are what these depend on. It is plain data until :meth:`create` is called.

    Example::

        StartRole(use_case=use_case, account_id=tooling_id, boundary_arn=boundary.arn).create("start", opts)
    """

    FORMER_COMPONENT: ClassVar[str] = ""
    """Type token of the component that created the role in earlier versions. Empty if no component did."""

    use_case: UseCase
    """Use case that the role belongs to."""

    account_id: pulumi.Input[str]
    """Id of the role's account."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    @abstractmethod
    def role_name(self) -> str:
        """Returns the name of the role.

        Raises: SettingsError when it would be too long.
        """

    @abstractmethod
    def description(self) -> str:
        """Returns the description of the role for the console."""

    @abstractmethod
    def trust(self) -> Statement:
        """Returns the statement of the trust policy."""

    @abstractmethod
    def permissions(self) -> Sequence[Statement]:
        """Returns the statements of the inline policy."""

    def create(self, name: str, opts: pulumi.ResourceOptions | None = None) -> pulumi.Output[str]:
        """Creates the role, with the tags of the use case, and its inline policy. Returns the ARN of the role."""
        args = BoundedRoleArgs(
            role_name=self.role_name(),
            description=self.description(),
            trust=self.trust(),
            permissions=self.permissions(),
            boundary_arn=self.boundary_arn,
            tags=self.use_case.tags,
        )
        former = self.FORMER_COMPONENT
        own = without_component(name, former, opts) if former else opts or pulumi.ResourceOptions()
        return BoundedRole(name, args, own).arn

    def _pass_roles(self, sid: str, service: str, environment: Environment, *roles: RoleOfUseCase) -> Statement:
        """Allows passing roles of the use case, in the account and in an environment, to one service."""
        return Statement(
            sid=sid,
            actions=["iam:PassRole"],
            resources=[self.use_case.role_arn(role, self.account_id, environment) for role in roles],
            conditions={"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}},
        )

    def _write_build_logs(self, *projects: str) -> Statement:
        """Allows builds of CodeBuild projects to write to their log groups, which exist."""
        return Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[
                self.use_case.arn("logs", self.account_id, f"log-group:/aws/codebuild/{project}:*")
                for project in projects
            ],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleasedRole(UseCaseRole, ABC):
    """A role in an environment to which models are released. Each environment has its own, in its own account."""

    environment: ReleasedTo
    """Environment of the role."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionReadingRole(ReleasedRole, ABC):
    """A role in such an environment that reads registered versions in the tooling account."""

    organization_id: pulumi.Input[str]
    """Id of the organization of all accounts."""

    registry_bucket_arn: pulumi.Input[str]
    """ARN of the tooling account's bucket for artifacts of registered models."""

    registry_key_arn: pulumi.Input[str]
    """ARN of the KMS key of the registry's artifacts."""
