"""The role with which API Gateway writes the logs of an account's APIs."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.workloads.api_permissions import API_SERVICE, write_api_logs
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiLoggingArgs:
    """Arguments of :class:`ApiLogging`."""

    role_name: str
    """Name of the role in the account."""

    account_id: pulumi.Input[str]
    """Id of the APIs' account."""

    region: str
    """Region of the APIs."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class ApiLogging(pulumi.ComponentResource):
    """The role with which API Gateway writes logs, one per account and region.

    Creates: the role with its policy; the account setting of API Gateway that names it.

    Outputs: ``role_arn``.

    Cost: none; logs cost about 0.57 USD per GB.

    Example::

        ApiLogging("api-logging", ApiLoggingArgs(
            role_name="fraud-development-api-logs", account_id="111111111111", region="eu-west-1",
            boundary_arn=boundary.arn,
        ))
    """

    role_arn: pulumi.Output[str]
    """ARN of the role, known once API Gateway uses it."""

    def __init__(self, name: str, args: ApiLoggingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:ApiLogging", name, None, opts)
        role = BoundedRole(
            f"{name}-role",
            BoundedRoleArgs(
                role_name=args.role_name,
                description="API Gateway writes logs of this account's APIs",
                trust=service_trust(API_SERVICE, account_id=args.account_id),
                permissions=write_api_logs(args.region, args.account_id),
                boundary_arn=args.boundary_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        account = aws.apigateway.Account(name, cloudwatch_role_arn=role.arn, opts=pulumi.ResourceOptions(parent=self))
        self.role_arn = account.cloudwatch_role_arn.apply(str)
        self.register_outputs({"role_arn": self.role_arn})
