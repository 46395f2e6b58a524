"""The role of the function between the API and the endpoint of a use case, in pre-production or production."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.workload_permissions import join_network
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionRoleArgs:
    """Arguments of :class:`FunctionRole`."""

    use_case: UseCase
    """Use case whose endpoint the function invokes."""

    environment: ReleasedTo
    """Environment of the endpoint."""

    account_id: pulumi.Input[str]
    """Id of the environment's account."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class FunctionRole(pulumi.ComponentResource):
    """The role of the function that checks requests for predictions: it invokes the endpoint of its use case and writes
    its log. It reads no data and changes nothing.

    Releases create the function and may not create roles, so the role exists before.

    Creates: the role ``<team>--<use-case>-preprod-predict`` or ``-prod-predict``.

    Args: see :class:`FunctionRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        FunctionRole("predict", FunctionRoleArgs(
            use_case=use_case, environment="production", account_id=production_id, boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the function."""

    def __init__(self, name: str, args: FunctionRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:FunctionRole", name, None, opts)
        case, environment = args.use_case, args.environment
        role = BoundedRole(
            name,
            BoundedRoleArgs(
                role_name=case.role_name("predict", environment),
                description=f"Requests for predictions of {case.prefix} in {environment}",
                # Lambda sends no source account, and refuses functions with a role of another account.
                trust=Statement(
                    sid="AssumedByFunctions",
                    principals={"Service": ["lambda.amazonaws.com"]},
                    actions=["sts:AssumeRole"],
                ),
                permissions=[
                    Statement(
                        sid="InvokeTheEndpoint",
                        actions=["sagemaker:InvokeEndpoint"],
                        resources=case.arns_in(environment, "sagemaker", args.account_id, "endpoint/"),
                    ),
                    Statement(
                        sid="WriteLogs",
                        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                        resources=case.arns_in(environment, "logs", args.account_id, "log-group:/aws/lambda/"),
                    ),
                    *join_network(case.region, args.account_id),
                ],
                boundary_arn=args.boundary_arn,
                tags=case.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.arn = role.arn
        self.register_outputs({"arn": self.arn})
