"""The role that copies a use case's repositories from a source provider, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, create_role, use_key
from components.identity.workloads.code_permissions import use_key_of_code
from settings.derived.use_case_names import REPOSITORIES


@dataclass(frozen=True, kw_only=True, slots=True)
class MirrorRoleArgs:
    """Arguments of :class:`MirrorRole`."""

    use_case: UseCase
    """Use case whose repositories are copied."""

    account_id: pulumi.Input[str]
    """Id of the tooling account."""

    connection_arn: pulumi.Input[str]
    """ARN of the connection to the source provider."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of build output and of the repositories."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class MirrorRole:
    """The role that copies pushes at a source provider to the CodeCommit repositories of a use case, and sees the
    result of the build that follows. Only the two mirror projects can assume it. It cannot start builds.

    The token of a connection reaches every repository that the provider's app may read, because its actions know
    neither a resource below the connection nor a condition on the repository (Service Authorization Reference).

    Creates: the role ``<team>--<use-case>-mirror``.

    Args: see :class:`MirrorRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        MirrorRole("mirror", MirrorRoleArgs(
            use_case=use_case, account_id=tooling_id, connection_arn=connection.arn, key_arn=key.arn,
            boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for mirror projects."""

    def __init__(self, name: str, args: MirrorRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            without_component(name, "plinth:identity:MirrorRole", opts),
            name,
            case,
            role_name=case.role_name("mirror"),
            description=f"Copies pushes at the source provider to the repositories of {case.prefix}",
            trust=case.trust_builds(args.account_id, *map(case.names.mirror_project, REPOSITORIES)),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: MirrorRoleArgs) -> Sequence[Statement]:
    case, names = args.use_case, args.use_case.names
    return [
        Statement(
            sid="ReadThroughTheConnection",
            actions=["codeconnections:GetConnection", "codeconnections:GetConnectionToken"],
            resources=[args.connection_arn],
        ),
        Statement(
            sid="CopyCode",
            actions=["codecommit:GitPull", "codecommit:GitPush"],
            resources=[case.arn("codecommit", args.account_id, names.repository(one)) for one in REPOSITORIES],
        ),
        Statement(
            sid="SeeBuilds",
            actions=["codebuild:BatchGetBuilds", "codebuild:ListBuildsForProject"],
            resources=[case.arn("codebuild", args.account_id, f"project/{names.build_project}")],
        ),
        use_key(args.key_arn, "UseTheKeyOfOutput", write=True, service="codebuild"),
        use_key_of_code([args.key_arn], case.region, write=True),
        Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[
                case.arn("logs", args.account_id, f"log-group:/aws/codebuild/{names.mirror_project(one)}:*")
                for one in REPOSITORIES
            ],
        ),
    ]
