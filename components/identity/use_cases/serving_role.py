"""The role of a use case's deployed models, in pre-production or production."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.actions import JOB_LOGS
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import (
    UseCase,
    create_role,
    read_folder,
    read_objects,
    use_key,
    within_organization,
    write_folder,
)
from components.identity.workloads.workload_permissions import read_features, run_in_network
from settings.data.artifact_layout import MODELS
from settings.data.ml_layout import CAPTURE, MONITORING, OUTPUTS, AsynchronousRequests
from settings.types.kinds import ReleasedTo

FEATURES, PREDICTIONS = "features", "predictions"
"""Outputs of a run of batch inference that batch transform reads and writes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServingRoleArgs:
    """Arguments of :class:`ServingRole`."""

    use_case: UseCase
    """Use case whose models run with the role."""

    environment: ReleasedTo
    """Environment in which they run."""

    account_id: pulumi.Input[str]
    """Id of the environment's account."""

    organization_id: pulumi.Input[str]
    """Id of the organization of all accounts."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket, for captured requests and responses, and for requests of
    asynchronous inference."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    registry_bucket_arn: pulumi.Input[str]
    """ARN of the tooling account's bucket for artifacts of registered models."""

    registry_key_arn: pulumi.Input[str]
    """ARN of the KMS key of the registry's artifacts."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    predicts_in_batches: bool = False
    """Whether batch transform reads features of runs and writes predictions with the role."""

    reads_features: bool = False
    """Whether models read online feature stores during inference, by the setting ``models_call_aws``."""


class ServingRole:
    """The role with which SageMaker starts the containers of deployed models: it reads the registered model, pulls the
    image, and writes logs, metrics, captured requests and the answers of asynchronous inference. It deploys nothing and
    reads no training data.

    Creates: the role ``<team>--<use-case>-preprod-serving`` or ``-prod-serving``.

    Args: see :class:`ServingRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        ServingRole("serving", ServingRoleArgs(
            use_case=use_case, environment="production", account_id=production_id, organization_id="o-acme",
            bucket_arn=ml.arn, key_arn=key.arn, registry_bucket_arn=artifacts_arn, registry_key_arn=tooling_key_arn,
            boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for models."""

    def __init__(self, name: str, args: ServingRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            without_component(name, "plinth:identity:ServingRole", opts),
            name,
            case,
            role_name=case.role_name("serving", args.environment),
            description=f"Models of {case.prefix} in {args.environment}",
            trust=service_trust("sagemaker", account_id=args.account_id),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: ServingRoleArgs) -> list[Statement]:
    case = args.use_case
    registry = [
        read_objects(args.registry_bucket_arn, f"{case.folder}/{MODELS}", "Models"),
        use_key(args.registry_key_arn, "UseTheKeyOfTheRegistry"),
    ]
    return [
        *(within_organization(statement, args.organization_id) for statement in registry),
        write_folder(args.bucket_arn, f"{case.ml_folder}/{MONITORING}/{CAPTURE}", "CapturedRequests", parts=True),
        *_asynchronous(args),
        use_key(args.key_arn, "UseTheKey", write=True, service="sagemaker"),
        *run_in_network(case.region, args.account_id),
        *(read_features(case.region) if args.reads_features else ()),
        *(_batches(args) if args.predicts_in_batches else ()),
        Statement(
            sid="WriteLogs",
            actions=JOB_LOGS,
            resources=[case.arn("logs", args.account_id, f"log-group:/aws/sagemaker/{group}") for group in _logs(args)],
        ),
        # SageMaker reads the alarms that roll a deployment back with the role of the model (SageMaker Developer Guide,
        # "Auto-Rollback Configuration and Monitoring").
        Statement(
            sid="WatchDeployments",
            actions=["cloudwatch:DescribeAlarms"],
            resources=[case.arn("cloudwatch", args.account_id, f"alarm:{case.prefix}-*")],
        ),
        Statement(
            sid="WriteMetrics",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringLike": {"cloudwatch:namespace": [f"plinth/{case.folder}*"]}},
        ),
    ]


def _asynchronous(args: ServingRoleArgs) -> list[Statement]:
    """Allows asynchronous inference, which SageMaker runs with the role of the model: requests in, answers out."""
    case = args.use_case.ml_folder
    requests, answers, failures = (
        AsynchronousRequests(use_case=case, part=part).prefix.rstrip("/")
        for part in ("requests", "answers", "failures")
    )
    return [
        *read_folder(args.bucket_arn, requests, "Requests"),
        write_folder(args.bucket_arn, answers, "Answers", parts=True),
        write_folder(args.bucket_arn, failures, "Failures", parts=True),
    ]


def _batches(args: ServingRoleArgs) -> list[Statement]:
    """Allows batch transform, which SageMaker runs with the role of the model: features in, predictions out."""
    case = args.use_case
    return [
        *read_folder(args.bucket_arn, f"{case.ml_folder}/*/{OUTPUTS}/{FEATURES}", "Features"),
        write_folder(args.bucket_arn, f"{case.ml_folder}/*/{OUTPUTS}/{PREDICTIONS}", "Predictions", parts=True),
    ]


def _logs(args: ServingRoleArgs) -> list[str]:
    """Returns the log groups of endpoints of the use case and, which all use cases share, of batch transforms."""
    return [f"Endpoints/{args.use_case.prefix}-*", *(["TransformJobs*"] if args.predicts_in_batches else [])]
