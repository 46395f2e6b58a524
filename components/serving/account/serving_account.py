"""Prerequisites of an account in which releases serve models."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data_lake.api.api_logging import ApiLogging, ApiLoggingArgs
from settings.types.naming import named

SCALING_SERVICE = "sagemaker.application-autoscaling.amazonaws.com"
"""Service that scales endpoints, with a service-linked role (Application Auto Scaling User Guide, "Service-linked
roles")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServingAccountArgs:
    """Arguments of :class:`ServingAccount`."""

    label: str
    """Name of the environment, for the name of the role: ``fraud-production``."""

    account_id: pulumi.Input[str]
    """Id of the account."""

    region: str
    """Region of APIs and endpoints."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class ServingAccount(pulumi.ComponentResource):
    """Account-wide settings for APIs and endpoints. Releases may create no roles, and AWS has one of each per account.

    Creates: the service-linked role that scales endpoints; the role with which API Gateway writes access logs.

    Outputs: ``logging_role_arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        ServingAccount("serving", ServingAccountArgs(
            label="fraud-production", account_id=production_id, region="eu-west-1", boundary_arn=boundary.arn,
        ))
    """

    logging_role_arn: pulumi.Output[str]
    """ARN of the role with which API Gateway writes logs."""

    def __init__(self, name: str, args: ServingAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:serving:ServingAccount", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        aws.iam.ServiceLinkedRole(f"{name}-scaling", aws_service_name=SCALING_SERVICE, opts=child)
        logging = ApiLoggingArgs(
            role_name=named("role", args.label, "api-logs"),
            account_id=args.account_id,
            region=args.region,
            boundary_arn=args.boundary_arn,
        )
        self.logging_role_arn = ApiLogging(f"{name}-api-logging", logging, child).role_arn
        self.register_outputs({"logging_role_arn": self.logging_role_arn})
