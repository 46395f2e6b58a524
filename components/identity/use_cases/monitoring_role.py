"""The role that monitors the deployed models of a use case."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, create_role, read_folder, use_key, write_folder
from components.identity.workloads.workload_permissions import encrypt_volumes, run_in_network
from settings.data.ml_layout import MONITORING
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringRoleArgs:
    """Arguments of :class:`MonitoringRole`."""

    use_case: UseCase
    """Use case whose captured requests the role reads."""

    environment: ReleasedTo
    """Environment that it monitors."""

    account_id: pulumi.Input[str]
    """Id of the environment's account."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket, for captured data, baselines and findings."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class MonitoringRole(pulumi.ComponentResource):
    """The role that compares an endpoint's requests and responses with a baseline and reports to CloudWatch. It changes
    no endpoint.

    Creates: the role ``<team>--<use-case>-preprod-monitoring`` or ``-prod-monitoring``.

    Args: see :class:`MonitoringRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        MonitoringRole("monitoring", MonitoringRoleArgs(
            use_case=use_case, environment="production", account_id=production_id, bucket_arn=ml.arn, key_arn=key.arn,
            boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for monitoring schedules and their jobs."""

    def __init__(self, name: str, args: MonitoringRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:identity:MonitoringRole", name, None, opts)
        case = args.use_case
        self.arn = create_role(
            self,
            name,
            args.use_case,
            role_name=case.role_name("monitoring", args.environment),
            description=f"Monitoring of {case.prefix} in {args.environment}",
            trust=service_trust("sagemaker", account_id=args.account_id),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )
        self.register_outputs({"arn": self.arn})


def _permissions(args: MonitoringRoleArgs) -> list[Statement]:
    case = args.use_case
    return [
        *read_folder(args.bucket_arn, case.ml_folder, "Evidence"),
        write_folder(args.bucket_arn, f"{case.ml_folder}/{MONITORING}", "Findings"),
        use_key(args.key_arn, "UseTheKey", write=True),
        encrypt_volumes(args.key_arn, "EncryptVolumes"),
        *run_in_network(case.region, args.account_id),
        Statement(
            sid="SeeWhatIsServed",
            actions=["sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel"],
            resources=case.arns("sagemaker", args.account_id, "endpoint/", "endpoint-config/", "model/"),
        ),
        Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[
                pulumi.Output.concat(
                    f"arn:aws:logs:{case.region}:", args.account_id, ":log-group:/aws/sagemaker/ProcessingJobs*"
                )
            ],
        ),
        Statement(
            sid="WriteMetrics",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringLike": {"cloudwatch:namespace": ["aws/sagemaker/*", f"plinth/{case.folder}*"]}},
        ),
    ]
