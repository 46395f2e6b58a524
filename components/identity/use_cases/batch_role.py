"""The role of a use case's batch inference: its pipeline and processing jobs, in pre-production or production."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    UseCase,
    create_role,
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
from settings.data.ml_layout import OUTPUTS
from settings.types.kinds import ReleasedTo

JOBS = ("processing-job/", "transform-job/")
"""Resource types that the pipeline creates."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchRoleArgs:
    """Arguments of :class:`BatchRole`."""

    use_case: UseCase
    """Use case whose inputs are predicted."""

    environment: ReleasedTo
    """Environment of the pipeline."""

    account_id: pulumi.Input[str]
    """Id of the environment's account."""

    organization_id: pulumi.Input[str]
    """Id of the organization of all accounts."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket, for inputs and results."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    registry_bucket_arn: pulumi.Input[str]
    """ARN of the tooling account's bucket, for the statistics that were registered with a version."""

    registry_key_arn: pulumi.Input[str]
    """ARN of the KMS key of the registry's artifacts."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    bus_account_id: pulumi.Input[str] | None = None
    """Id of the account with the bus for results of comparisons. None sends no results."""


class BatchRole:
    """The role that runs batch inference: it starts encrypted batch transforms with models of the use case, processing
    jobs in the network, and returns results to the lake. In production, it tells how inputs compare with the data of
    training. It creates and deploys no models.

    Creates: the role ``<team>--<use-case>-preprod-pipeline`` or ``-prod-pipeline``.

    Args: see :class:`BatchRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        BatchRole("batch", BatchRoleArgs(
            use_case=use_case, environment="production", account_id=production_id, organization_id="o-acme",
            bucket_arn=ml.arn, key_arn=key.arn, registry_bucket_arn=artifacts_arn, registry_key_arn=tooling_key_arn,
            boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the pipeline and its jobs."""

    def __init__(self, name: str, args: BatchRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            without_component(name, "plinth:identity:BatchRole", opts),
            name,
            case,
            role_name=case.role_name("pipeline", args.environment),
            description=f"Batch inference of {case.prefix} in {args.environment}",
            trust=service_trust("sagemaker", account_id=args.account_id),
            permissions=[*_data(args), *_jobs(args), *send_results(case, args.bus_account_id, args.organization_id)],
            boundary_arn=args.boundary_arn,
        )


def _data(args: BatchRoleArgs) -> list[Statement]:
    case = args.use_case
    registry = [
        *read_folder(args.registry_bucket_arn, f"{case.folder}/{MODELS}", "Versions"),
        use_key(args.registry_key_arn, "UseTheKeyOfTheRegistry"),
    ]
    return [
        *(within_organization(statement, args.organization_id) for statement in registry),
        *read_folder(args.bucket_arn, case.ml_folder, "Runs"),
        write_folder(args.bucket_arn, f"{case.ml_folder}/*/{OUTPUTS}", "Outputs", parts=True),
        use_key(args.key_arn, "UseTheKey", write=True, service="sagemaker"),
        *return_results(case.region, case.team, args.environment),
    ]


def _jobs(args: BatchRoleArgs) -> list[Statement]:
    case, environment = args.use_case, args.environment
    return [
        *run_in_network(case.region, args.account_id),
        encrypt_volumes(args.key_arn, "EncryptVolumes"),
        Statement(
            sid="WorkInTheNetwork",
            actions=["sagemaker:CreateProcessingJob"],
            resources=case.arns_in(environment, "sagemaker", args.account_id, "processing-job/"),
            conditions={"Null": {"sagemaker:VpcSubnets": "false"}},
        ),
        # The network of a batch transform is that of its model, which only releases create.
        Statement(
            sid="PredictEncrypted",
            actions=["sagemaker:CreateTransformJob"],
            resources=case.arns_in(environment, "sagemaker", args.account_id, "transform-job/"),
            conditions={"ArnEquals": {"sagemaker:OutputKmsKey": args.key_arn, "sagemaker:VolumeKmsKey": args.key_arn}},
        ),
        Statement(
            sid="FollowAndStop",
            actions=[
                "sagemaker:AddTags",
                "sagemaker:DescribeProcessingJob",
                "sagemaker:DescribeTransformJob",
                "sagemaker:StopProcessingJob",
                "sagemaker:StopTransformJob",
            ],
            resources=case.arns_in(environment, "sagemaker", args.account_id, *JOBS),
        ),
        Statement(
            sid="GiveJobsTheRole",
            actions=["iam:PassRole"],
            resources=[case.role_arn("pipeline", args.account_id, environment)],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
        write_job_logs(case, args.account_id),
    ]
