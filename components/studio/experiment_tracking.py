"""Experiment tracking: where runs are kept and compared, with what they were made of and what came of them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.tracking_permissions import TRACKING, keep_artifacts


@dataclass(frozen=True, kw_only=True, slots=True)
class ExperimentTrackingArgs:
    """Arguments of :class:`ExperimentTracking`."""

    app_name: str
    """Name in the account, up to 256 characters (a SageMaker limit)."""

    account_id: pulumi.Input[str]
    """Account of the environment, on whose behalf alone SageMaker acts."""

    bucket_name: pulumi.Input[str]
    """Bucket of people's own work, a folder of which takes the artifacts."""

    bucket_arn: pulumi.Input[str]
    """The same as an ARN."""

    key_arn: pulumi.Input[str]
    """Key of that bucket."""

    domain_id: pulumi.Input[str]
    """Domain whose apps use this one where nothing else is said."""

    role_name: str
    """Name of the app's role in the account."""

    boundary_arn: pulumi.Input[str]
    """Permissions boundary of the account."""


class ExperimentTracking(pulumi.ComponentResource):
    """A managed MLflow app that keeps artifacts in the environment's bucket under its key, and registers no model.

    Creates: the app; its role, bounded, which reads and writes the artifacts' folder and nothing else.

    Args: see :class:`ExperimentTrackingArgs`.

    Outputs: ``app_arn``.

    Raises: nothing of its own.

    Cost: artifacts as any object; of the app no price is published by the hour. Its endpoint as any other.

    Example::

        ExperimentTracking("tracking", ExperimentTrackingArgs(
            app_name="fraud-experimentation", account_id=account_id, bucket_name=work.bucket_name, bucket_arn=work.arn,
            key_arn=key.arn, domain_id=studio.domain_id, role_name="fraud-experimentation-tracking",
            boundary_arn=boundary.arn,
        ))
    """

    app_arn: pulumi.Output[str]
    """What clients name as the address of tracking; SageMaker makes its end up."""

    def __init__(self, name: str, args: ExperimentTrackingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:studio:ExperimentTracking", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        app = aws.sagemaker.MlflowApp(
            name,
            name=args.app_name,
            artifact_store_uri=pulumi.Output.concat("s3://", args.bucket_name, f"/{TRACKING.rstrip('/')}"),
            role_arn=self._role(name, args).arn,
            model_registration_mode="AutoModelRegistrationDisabled",
            # The default of this domain alone: an account may have to hold several environments (ACC-06).
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
                permissions=[*keep_artifacts(args.bucket_arn), key],
                boundary_arn=args.boundary_arn,
            ),
            pulumi.ResourceOptions(parent=self),
        )
