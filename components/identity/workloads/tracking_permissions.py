"""What the runs of an environment are kept with, as statements: a managed MLflow app, and artifacts beside it.

An app knows one action for all calls of its API (`sagemaker:CallMlflowAppApi`); tracking servers know one for each call
(Service Authorization Reference, "Amazon SageMaker with MLflow"). Both are granted, so that whichever AWS asks for is
there; what is one action for an app cannot be cut into writing and deleting.
"""

from __future__ import annotations

import pulumi

from components.identity.iam.statements import Statement
from components.identity.workloads.workload_permissions import WorkloadScope

TRACKING = "tracking/"
"""Where artifacts of runs lie in the bucket of people's own work."""

_SEE = (
    "GetExperiment", "GetExperimentByName", "GetLoggedModel", "GetMetricHistory", "GetRun", "ListArtifacts",
    "ListLoggedModelArtifacts", "SearchExperiments", "SearchLoggedModels", "SearchRuns",
)  # fmt: skip
_KEEP = (
    "CreateExperiment", "CreateRun", "FinalizeLoggedModel", "LogBatch", "LogInputs", "LogLoggedModelParams",
    "LogMetric", "LogModel", "LogOutputs", "LogParam", "SetExperimentTag", "SetLoggedModelTags", "SetTag", "UpdateRun",
)  # fmt: skip
_OPEN = ("sagemaker:CreatePresignedMlflowAppUrl", "sagemaker-mlflow:AccessUI")


def keep_runs(scope: WorkloadScope, bucket_arn: pulumi.Input[str]) -> list[Statement]:
    """Runs are logged and compared, with their artifacts; none is deleted, and no model registered (EXP-10)."""
    return [
        Statement(
            sid="KeepRuns",
            actions=["sagemaker:CallMlflowAppApi", *_OPEN, *_of_mlflow(*_SEE, *_KEEP)],
            resources=_apps(scope),
        ),
        *keep_artifacts(bucket_arn),
    ]


def see_runs(scope: WorkloadScope) -> list[Statement]:
    """The pages of the app. Who only looks on cannot call its API, whose one action would write as well."""
    return [Statement(sid="SeeRuns", actions=[*_OPEN, *_of_mlflow(*_SEE)], resources=_apps(scope))]


def keep_artifacts(bucket_arn: pulumi.Input[str]) -> list[Statement]:
    """Files of runs. Clients of MLflow write them themselves, in the name of whoever runs."""
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
    """SageMaker makes an app's identifier up; an account has the one of its environment."""
    return [scope.arn("sagemaker", "mlflow-app/*")]


def _of_mlflow(*calls: str) -> list[str]:
    return [f"sagemaker-mlflow:{call}" for call in calls]
