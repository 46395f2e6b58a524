"""Permissions for experiment tracking in an environment: a managed MLflow app and its artifacts.

MLflow apps have one action for all calls of their API (`sagemaker:CallMlflowAppApi`), which does not distinguish
writing from deleting. The actions of `sagemaker-mlflow` concern tracking servers, except `AccessUI`, which has no
resource (Service Authorization Reference, "Amazon SageMaker with MLflow").
"""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.workload_permissions import EVERYTHING, WorkloadScope

TRACKING = "tracking/"
"""Prefix of run artifacts in the bucket for people's own work."""

_OPEN = "sagemaker:CreatePresignedMlflowAppUrl"


def track_runs(scope: WorkloadScope, bucket_arn: pulumi.Input[str]) -> list[Statement]:
    """Allows jobs to log and compare runs and their artifacts, but not to register models (EXP-10)."""
    return [
        Statement(sid="KeepRuns", actions=["sagemaker:CallMlflowAppApi"], resources=_apps(scope)),
        *artifact_permissions(bucket_arn),
    ]


def log_runs(scope: WorkloadScope) -> list[Statement]:
    """Allows people to log and compare runs, without their artifacts, and to view the app's web pages."""
    return [
        Statement(sid="KeepRuns", actions=["sagemaker:CallMlflowAppApi", _OPEN], resources=_apps(scope)),
        _open_pages(),
    ]


def view_runs(scope: WorkloadScope) -> list[Statement]:
    """Allows viewing the app's web pages. Its API is not included, because its single action would also allow
    writing."""
    return [Statement(sid="SeeRuns", actions=[_OPEN], resources=_apps(scope)), _open_pages()]


def artifact_permissions(bucket_arn: pulumi.Input[str]) -> list[Statement]:
    """Allows access to run artifacts, which MLflow clients write with their own credentials."""
    return [
        Statement(
            sid="FindArtifacts",
            actions=["s3:ListBucket"],
            resources=[bucket_arn],
            conditions={"StringLike": {"s3:prefix": [f"{TRACKING}*"]}},
        ),
        keep_artifacts(bucket_arn),
    ]


def keep_artifacts(bucket_arn: pulumi.Input[str]) -> Statement:
    """Allows reading and writing run artifacts, without listing them."""
    return Statement(
        sid="KeepArtifacts",
        actions=["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
        resources=[pulumi.Output.concat(bucket_arn, f"/{TRACKING}*")],
    )


def _apps(scope: WorkloadScope) -> list[pulumi.Input[str]]:
    """Returns the ARN pattern of MLflow apps. SageMaker assigns their ids, and an account only contains its
    environment's."""
    return [scope.arn("sagemaker", "mlflow-app/*")]


def _open_pages() -> Statement:
    return Statement(sid="OpenTrackingPages", actions=["sagemaker-mlflow:AccessUI"], resources=EVERYTHING)
