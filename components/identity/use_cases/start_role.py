"""The role with which EventBridge starts a use case's builds, in the tooling account."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, create_role


@dataclass(frozen=True, kw_only=True, slots=True)
class StartRoleArgs:
    """Arguments of :class:`StartRole`."""

    use_case: UseCase
    """Use case whose builds the role starts."""

    account_id: pulumi.Input[str]
    """Id of the tooling account."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    promotes: bool = False
    """Whether the use case has a promotion pipeline, which the role starts too."""


class StartRole:
    """The role of the use case's event rules. It starts the build project and the promotion pipeline, and does nothing
    else.

    Creates: the role ``<team>--<use-case>-start``.

    Args: see :class:`StartRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        StartRole("start", StartRoleArgs(use_case=use_case, account_id=tooling_id, boundary_arn=boundary.arn))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for targets of rules."""

    def __init__(self, name: str, args: StartRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            without_component(name, "plinth:identity:StartRole", opts),
            name,
            case,
            role_name=case.role_name("start"),
            description=f"Starts builds of {case.prefix} when somebody pushes",
            trust=service_trust(
                "events", account_id=args.account_id, source_arns=case.arns("events", args.account_id, "rule/")
            ),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: StartRoleArgs) -> list[Statement]:
    case = args.use_case
    builds = case.arn("codebuild", args.account_id, f"project/{case.names.build_project}")
    promotions = case.arn("codepipeline", args.account_id, case.names.promotion_pipeline)
    start = [Statement(sid="StartBuilds", actions=["codebuild:StartBuild"], resources=[builds])]
    if args.promotes:
        start.append(
            Statement(sid="StartPromotions", actions=["codepipeline:StartPipelineExecution"], resources=[promotions])
        )
    return start
