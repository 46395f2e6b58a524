"""Permissions for experiment tracking in an environment: a managed MLflow app and its artifacts.

MLflow apps have one action for all calls of their API (`sagemaker:CallMlflowAppApi`); tracking servers have one per
call (Service Authorization Reference, "Amazon SageMaker with MLflow"). Both are granted, so that either is sufficient.
The single action of an app does not distinguish writing from deleting.
"""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.workload_permissions import WorkloadScope

TRACKING = "tracking/"
"""Prefix of run artifacts in the bucket for people's own work."""

_READS = (
    "GetExperiment", "GetExperimentByName", "GetLoggedModel", "GetMetricHistory", "GetRun", "ListArtifacts",
    "ListLoggedModelArtifacts", "SearchExperiments", "SearchLoggedModels", "SearchRuns",
)  # fmt: skip
_WRITES = (
    "CreateExperiment", "CreateRun", "FinalizeLoggedModel", "LogBatch", "LogInputs", "LogLoggedModelParams",
    "LogMetric", "LogModel", "LogOutputs", "LogParam", "SetExperimentTag", "SetLoggedModelTags", "SetTag", "UpdateRun",
)  # fmt: skip
_UI_ACCESS = ("sagemaker:CreatePresignedMlflowAppUrl", "sagemaker-mlflow:AccessUI")


def track_runs(scope: WorkloadScope, bucket_arn: pulumi.Input[str]) -> list[Statement]:
    """Allows logging and comparing runs and their artifacts, but not deleting runs or registering models (EXP-10)."""
    return [
        Statement(
            sid="KeepRuns",
            actions=["sagemaker:CallMlflowAppApi", *_UI_ACCESS, *_mlflow_actions(*_READS, *_WRITES)],
            resources=_apps(scope),
        ),
        *artifact_permissions(bucket_arn),
    ]


def view_runs(scope: WorkloadScope) -> list[Statement]:
    """Allows viewing the app's web pages. Its API is not included, because its single action would also allow
    writing."""
    return [Statement(sid="SeeRuns", actions=[*_UI_ACCESS, *_mlflow_actions(*_READS)], resources=_apps(scope))]


def artifact_permissions(bucket_arn: pulumi.Input[str]) -> list[Statement]:
    """Allows access to run artifacts, which MLflow clients write with their own credentials."""
    return [
        Statement(
            sid="FindArtifacts",
            actions=["s3:ListBucket"],
            resources=[bucket_arn],
            conditions={"StringLike": {"s3:prefix": [f"{TRACKING}*"]}},
        ),
        Statement(
            sid="KeepArtifacts",
            actions=["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            resources=[pulumi.Output.concat(bucket_arn, f"/{TRACKING}*")],
        ),
    ]


def _apps(scope: WorkloadScope) -> list[pulumi.Input[str]]:
    """Returns the ARN pattern of MLflow apps. SageMaker assigns their ids, and an account only contains its
    environment's."""
    return [scope.arn("sagemaker", "mlflow-app/*")]


def _mlflow_actions(*calls: str) -> list[str]:
    return [f"sagemaker-mlflow:{call}" for call in calls]
