"""The role of the function that starts comparisons with the baseline, in pre-production or production."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.identity.iam.principals import function_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    UseCase,
    create_role,
    write_folder,
    write_function_logs,
)
from components.identity.workloads.workload_permissions import encrypt_volumes, join_network_of_functions
from settings.data.ml_layout import MONITORING
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitorStartRoleArgs:
    """Arguments of :class:`MonitorStartRole`."""

    use_case: UseCase
    """Use case whose endpoint is monitored."""

    environment: ReleasedTo
    """Environment of the endpoint."""

    account_id: pulumi.Input[str]
    """Id of the environment's account."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class MonitorStartRole:
    """The role of the function that starts a comparison: it stores the code of the job and starts it in the network,
    with the role for monitoring. It reads neither captured requests nor results.

    Creates: the role ``<team>--<use-case>-preprod-start-monitor`` or ``-prod-start-monitor``.

    Args: see :class:`MonitorStartRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        MonitorStartRole("start-monitor", MonitorStartRoleArgs(
            use_case=use_case, environment="production", account_id=production_id, bucket_arn=ml.arn, key_arn=key.arn,
            boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the function."""

    def __init__(self, name: str, args: MonitorStartRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            opts or pulumi.ResourceOptions(),
            name,
            case,
            role_name=case.role_name("start-monitor", args.environment),
            description=f"Starts of monitoring of {case.prefix} in {args.environment}",
            trust=function_trust(),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: MonitorStartRoleArgs) -> list[Statement]:
    case, environment = args.use_case, args.environment
    return [
        Statement(
            sid="CompareInTheNetwork",
            actions=["sagemaker:CreateProcessingJob"],
            resources=case.arns_in(environment, "sagemaker", args.account_id, "processing-job/"),
            conditions={"Null": {"sagemaker:VpcSubnets": "false"}},
        ),
        Statement(
            sid="TagTheJob",
            actions=["sagemaker:AddTags"],
            resources=case.arns_in(environment, "sagemaker", args.account_id, "processing-job/"),
            conditions={"StringEquals": {"sagemaker:TaggingAction": "CreateProcessingJob"}},
        ),
        Statement(
            sid="SeeTheJobBefore",
            actions=["sagemaker:DescribeProcessingJob"],
            resources=case.arns_in(environment, "sagemaker", args.account_id, "processing-job/"),
        ),
        Statement(
            sid="GiveTheJobItsRole",
            actions=["iam:PassRole"],
            resources=[case.role_arn("monitoring", args.account_id, environment)],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
        encrypt_volumes(args.key_arn, "EncryptVolumes"),
        write_folder(args.bucket_arn, f"{case.ml_folder}/{MONITORING}/code", "Code"),
        # The code is small. Only an upload in parts would need kms:Decrypt.
        Statement(sid="UseTheKey", actions=["kms:GenerateDataKey"], resources=[args.key_arn]),
        write_function_logs(case, environment, args.account_id),
        *join_network_of_functions(case.region, args.account_id),
    ]
