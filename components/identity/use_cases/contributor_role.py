"""The role with which people of Studio push code of a use case, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.principals import studio_trust
from components.identity.iam.role_names import CONTRIBUTOR
from components.identity.use_cases.use_case import UseCase, create_role
from components.identity.workloads.bounded_role import ROLE_PATH
from components.identity.workloads.code_permissions import contribute_code, use_key_of_code
from settings.derived.use_case_names import REPOSITORIES
from settings.types.kinds import Environment
from settings.types.naming import profile_name, studio_role_prefix


@dataclass(frozen=True, kw_only=True, slots=True)
class ContributorRoleArgs:
    """Arguments of :class:`ContributorRole`."""

    use_case: UseCase
    """Use case whose repositories people push to."""

    account_id: pulumi.Input[str]
    """Id of the tooling account."""

    organization_id: pulumi.Input[str]
    """Id of the organization."""

    studios: Sequence[tuple[pulumi.Input[str], Sequence[Environment]]]
    """Id of each account of the team with a Studio, at least one, and the environments in it that have one."""

    key_arn: pulumi.Input[str]
    """ARN of the repositories' KMS key."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    people: Sequence[str] = ()
    """User names of the only people who may assume the role. Default: everybody who pushes code of the team."""

    def __post_init__(self) -> None:
        if not self.studios:
            raise ValueError(f"studios: {self.use_case.prefix} has no environment with a Studio (at least 1)")


class ContributorRole:
    """The role with which people clone the use case's repositories from Studio, push branches and open pull requests.
    CodeCommit has no resource policies, so that roles of other accounts have no other way in.

    People assume it with their source identity, so that the trail names them. Main branches change only by reviewed
    pull requests, and Studio users who review code have no permission to assume the role.

    Creates: the role ``<team>--<use-case>-contributor``.

    Args: see :class:`ContributorRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long; ValueError without an environment with a Studio.

    Cost: none.

    Example::

        ContributorRole("contributor", ContributorRoleArgs(
            use_case=use_case, account_id=tooling_id, organization_id="o-acme",
            studios=[(development_id, ["development"])], key_arn=key.arn, boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role."""

    def __init__(self, name: str, args: ContributorRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            without_component(name, "plinth:identity:ContributorRole", opts),
            name,
            case,
            role_name=case.role_name(CONTRIBUTOR),
            description=f"People push code of {case.prefix} from Studio",
            trust=studio_trust(
                account_ids=[account for account, _ in args.studios],
                organization_id=args.organization_id,
                role_arns=[
                    pulumi.Output.concat("arn:aws:iam::", account, f":role{ROLE_PATH}", _users(case, environment))
                    for account, environments in args.studios
                    for environment in environments
                ],
                profiles=[profile_name(user) for user in args.people],
            ),
            permissions=[
                *contribute_code(
                    [case.arn("codecommit", args.account_id, case.names.repository(one)) for one in REPOSITORIES]
                ),
                use_key_of_code([args.key_arn], case.region, write=True),
            ],
            boundary_arn=args.boundary_arn,
        )


def _users(case: UseCase, environment: Environment) -> str:
    """Returns the pattern of the names of all Studio users' roles in an environment of the team."""
    return f"{studio_role_prefix(f'{case.team}-{environment}')}*"
