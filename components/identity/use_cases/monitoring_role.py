"""The role that monitors the deployed models of a use case."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    UseCase,
    create_role,
    list_folder,
    read_folder,
    send_results,
    use_key,
    within_organization,
    write_folder,
    write_job_logs,
)
from components.identity.workloads.returned_results import return_results
from components.identity.workloads.workload_permissions import encrypt_volumes, run_in_network
from settings.data.artifact_layout import MODELS
from settings.data.lake import CURATED
from settings.data.ml_layout import MONITORING, PREDICTIONS, SWITCH
from settings.types.kinds import ReleasedTo

READ = ("constraints.json", "model.tar.gz", "statistics.json")
"""Files in the folder of a version that the job reads: the baseline, and the model, which explains predictions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MonitoringRoleArgs:
    """Arguments of :class:`MonitoringRole`."""

    use_case: UseCase
    """Use case whose captured requests the role reads."""

    environment: ReleasedTo
    """Environment that it monitors."""

    account_id: pulumi.Input[str]
    """Id of the environment's account."""

    organization_id: pulumi.Input[str]
    """Id of the organization of all accounts."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket, for captured data and results."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    registry_bucket_arn: pulumi.Input[str]
    """ARN of the tooling account's bucket, for the baseline and the model of a version."""

    registry_key_arn: pulumi.Input[str]
    """ARN of the KMS key of the registry's artifacts."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    bus_account_id: pulumi.Input[str] | None = None
    """Id of the account with the bus for results. None sends no results."""


class MonitoringRole:
    """The role that compares an endpoint's requests and responses with the baseline of the served version, and its
    predictions with ground truth, and reports to CloudWatch. It may stop predictions, and changes no endpoint. It
    writes captured requests that people select into datasets whose owners have agreed.

    Creates: the role ``<team>--<use-case>-preprod-monitoring`` or ``-prod-monitoring``.

    Args: see :class:`MonitoringRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        MonitoringRole("monitoring", MonitoringRoleArgs(
            use_case=use_case, environment="production", account_id=production_id, organization_id="o-acme",
            bucket_arn=ml.arn, key_arn=key.arn, registry_bucket_arn=artifacts_arn, registry_key_arn=tooling_key_arn,
            boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the jobs that compare."""

    def __init__(self, name: str, args: MonitoringRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            opts or pulumi.ResourceOptions(),
            name,
            args.use_case,
            role_name=case.role_name("monitoring", args.environment),
            description=f"Monitoring of {case.prefix} in {args.environment}",
            trust=service_trust("sagemaker", account_id=args.account_id),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: MonitoringRoleArgs) -> list[Statement]:
    case = args.use_case
    versions = f"{case.folder}/{MODELS}"
    registry = [
        list_folder(args.registry_bucket_arn, versions, "SeeVersions"),
        Statement(
            sid="ReadVersions",
            actions=["s3:GetObject"],
            resources=[pulumi.Output.concat(args.registry_bucket_arn, f"/{versions}/*/{file}") for file in READ],
        ),
        use_key(args.registry_key_arn, "UseTheKeyOfTheRegistry"),
    ]
    return [
        *(within_organization(statement, args.organization_id) for statement in registry),
        *read_folder(args.bucket_arn, f"{case.ml_folder}/{MONITORING}", "Evidence"),
        write_folder(args.bucket_arn, f"{case.ml_folder}/{MONITORING}/results", "Findings", parts=True),
        write_folder(args.bucket_arn, f"{case.ml_folder}/{MONITORING}/{PREDICTIONS}", "Predictions", parts=True),
        write_folder(args.bucket_arn, f"{case.ml_folder}/{MONITORING}/{SWITCH}", "Switch"),
        use_key(args.key_arn, "UseTheKey", write=True, service="sagemaker"),
        encrypt_volumes(args.key_arn, "EncryptVolumes"),
        *run_in_network(case.region, args.account_id),
        write_job_logs(case, args.account_id),
        Statement(
            sid="WriteMetrics",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringLike": {"cloudwatch:namespace": [f"plinth/{case.folder}*"]}},
        ),
        *return_results(case.region, case.team, args.environment, CURATED, case.name),
        *send_results(case, args.bus_account_id, args.organization_id),
    ]
