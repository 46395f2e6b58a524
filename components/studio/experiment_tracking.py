"""Experiment tracking with MLflow: parameters, metrics and artifacts of runs."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.tracking_permissions import TRACKING, artifact_permissions


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentTrackingArgs:
    """Arguments of :class:`ExperimentTracking`."""

    app_name: str
    """Name of the app in the account, up to 256 characters (a SageMaker limit)."""

    account_id: pulumi.Input[str]
    """Id of the environment's account, to which SageMaker's use of the role is restricted."""

    bucket_name: pulumi.Input[str]
    """Name of the bucket for people's own work, which contains the artifacts' folder."""

    bucket_arn: pulumi.Input[str]
    """ARN of the same bucket."""

    key_arn: pulumi.Input[str]
    """ARN of the bucket's KMS key."""

    domain_id: pulumi.Input[str]
    """Id of the domain whose apps use this MLflow app by default."""

    role_name: str
    """Name of the app's role in the account."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class ExperimentTracking(pulumi.ComponentResource):
    """A managed MLflow app that stores artifacts in the environment's encrypted bucket and registers no models.

    Creates: the app; its role, with a permissions boundary, which can only read and write the artifacts' folder.

    Outputs: ``app_arn``.

    Cost: S3 storage of artifacts, and an interface endpoint. AWS publishes no hourly price for the app.

    Example::

        ExperimentTracking("tracking", ExperimentTrackingArgs(
            app_name="fraud-experimentation", account_id=account_id, bucket_name=work.bucket_name, bucket_arn=work.arn,
            key_arn=key.arn, domain_id=studio.domain_id, role_name="fraud-experimentation-tracking",
            boundary_arn=boundary.arn,
        ))
    """

    app_arn: pulumi.Output[str]
    """ARN of the app, which clients use as the tracking URI. SageMaker assigns its last part."""

    def __init__(self, name: str, args: ExperimentTrackingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:studio:ExperimentTracking", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        app = aws.sagemaker.MlflowApp(
            name,
            name=args.app_name,
            artifact_store_uri=pulumi.Output.concat("s3://", args.bucket_name, f"/{TRACKING.rstrip('/')}"),
            role_arn=self._role(name, args).arn,
            model_registration_mode="AutoModelRegistrationDisabled",
            # The default of this domain only, because an account may contain several environments (ACC-06).
            account_default_status="DISABLED",
            default_domain_id_lists=[args.domain_id],
            opts=child,
        )
        self.app_arn = app.arn
        self.register_outputs({"app_arn": self.app_arn})

    def _role(self, name: str, args: ExperimentTrackingArgs) -> BoundedRole:
        key = Statement(
            sid="EncryptArtifacts", actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[args.key_arn]
        )
        return BoundedRole(
            f"{name}-role",
            BoundedRoleArgs(
                role_name=args.role_name,
                description=f"Artifacts of runs that {args.app_name} tracks",
                trust=service_trust("sagemaker", account_id=args.account_id),
                permissions=[*artifact_permissions(args.bucket_arn), key],
                boundary_arn=args.boundary_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
