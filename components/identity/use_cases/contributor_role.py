"""The role with which people of Studio push code of a use case, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from components.identity.iam.principals import studio_trust
from components.identity.iam.role_names import CONTRIBUTOR
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase
from components.identity.use_cases.use_case_role import UseCaseRole
from components.identity.workloads.bounded_role import ROLE_PATH
from components.identity.workloads.code_permissions import contribute_code, use_key_of_code
from settings.derived.use_case_names import REPOSITORIES
from settings.types.kinds import Environment
from settings.types.naming import profile_name, studio_role_prefix


@dataclass(frozen=True, kw_only=True, slots=True)
class ContributorRole(UseCaseRole):
    """The role with which people clone the use case's repositories from Studio, push branches and open pull requests.
    CodeCommit has no resource policies, so that roles of other accounts have no other way in.

    People assume it with their source identity, so that the trail names them. Main branches change only by reviewed
    pull requests, and Studio users who review code have no permission to assume the role.

    Raises: ValueError without an environment with a Studio.
    """

    FORMER_COMPONENT: ClassVar = "plinth:identity:ContributorRole"

    organization_id: pulumi.Input[str]
    """Id of the organization."""

    studios: Sequence[tuple[pulumi.Input[str], Sequence[Environment]]]
    """Id of each account of the team with a Studio, at least one, and the environments in it that have one."""

    key_arn: pulumi.Input[str]
    """ARN of the repositories' KMS key."""

    people: Sequence[str] = ()
    """User names of the only people who may assume the role. Default: everybody who pushes code of the team."""

    def __post_init__(self) -> None:
        if not self.studios:
            raise ValueError(f"studios: {self.use_case.prefix} has no environment with a Studio (at least 1)")

    def role_name(self) -> str:
        return self.use_case.role_name(CONTRIBUTOR)

    def description(self) -> str:
        return f"People push code of {self.use_case.prefix} from Studio"

    def trust(self) -> Statement:
        return studio_trust(
            account_ids=[account for account, _ in self.studios],
            organization_id=self.organization_id,
            role_arns=[
                pulumi.Output.concat("arn:aws:iam::", account, f":role{ROLE_PATH}", _users(self.use_case, environment))
                for account, environments in self.studios
                for environment in environments
            ],
            profiles=[profile_name(user) for user in self.people],
        )

    def permissions(self) -> Sequence[Statement]:
        case = self.use_case
        code = [
            case.arn("codecommit", self.account_id, case.names.repository(repository)) for repository in REPOSITORIES
        ]
        return [*contribute_code(code), use_key_of_code([self.key_arn], case.region, write=True)]


def _users(case: UseCase, environment: Environment) -> str:
    """Returns the pattern of the names of all Studio users' roles in an environment of the team."""
    return f"{studio_role_prefix(f'{case.team}-{environment}')}*"
