"""Samples of MLflow in SageMaker."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.machine_learning.sagemaker.common import OTHER_WORKER, PROVIDER_TAG, TAGGED, WORKER, tags


def _tracking_server(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_mlflow_tracking_server(TrackingServerName=it.id)
    return {
        "store": found["ArtifactStoreUri"],
        "role": found["RoleArn"],
        "size": found["TrackingServerSize"],
        "url": it.outputs["trackingServerUrl"] == found["TrackingServerUrl"],
        "tags": tags(aws, it),
    }


def _tracking_app(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_mlflow_app(Arn=it.id)
    listed = [app["Name"] for app in aws("sagemaker").list_mlflow_apps()["Summaries"] if app["Arn"] == it.id]
    return {
        "name": [found["Name"], *listed],
        "store": found["ArtifactStoreUri"],
        "role": found["RoleArn"],
        "registers": found["ModelRegistrationMode"],
        "default": (found["AccountDefaultStatus"], found["DefaultDomainIdList"]),
        "window": found["WeeklyMaintenanceWindowStart"],
        "tags": tags(aws, it),
    }


_SEEN_APP = {
    "name": ["sample-{n}", "sample-{n}"],
    "store": "s3://artifacts/mlflow",
    "role": WORKER,
    "registers": "AutoModelRegistrationDisabled",
    "default": ("DISABLED", ["d-012345678901"]),
    "window": "Sun:03:00",
    "tags": TAGGED,
}

SAMPLES = [
    Sample(
        type="aws:sagemaker/mlflowApp:MlflowApp",
        inputs={
            "name": "sample-{n}",
            "artifactStoreUri": "s3://artifacts/mlflow",
            "roleArn": WORKER,
            "modelRegistrationMode": "AutoModelRegistrationDisabled",
            "accountDefaultStatus": "DISABLED",
            "defaultDomainIdLists": ["d-012345678901"],
            "weeklyMaintenanceWindowStart": "Sun:03:00",
            "tags": {"own": "1"},
        },
        look=_tracking_app,
        seen=_SEEN_APP,
        change={
            "artifactStoreUri": "s3://artifacts/others",
            "modelRegistrationMode": "AutoModelRegistrationEnabled",
            "accountDefaultStatus": "ENABLED",
            "defaultDomainIdLists": ["d-012345678902"],
            "tags": {"own": "2"},
        },
        seen_changed={
            **_SEEN_APP,
            "store": "s3://artifacts/others",
            "registers": "AutoModelRegistrationEnabled",
            "default": ("ENABLED", ["d-012345678902"]),
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"roleArn": OTHER_WORKER},
        drift=lambda aws, it: aws("sagemaker").update_mlflow_app(
            Arn=it.id, ModelRegistrationMode="AutoModelRegistrationEnabled"
        ),
        drifts="modelRegistrationMode",
        remove=lambda aws, it: aws("sagemaker").delete_mlflow_app(Arn=it.id),
    ),
    Sample(
        type="aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",
        inputs={
            "trackingServerName": "sample-{n}",
            "artifactStoreUri": "s3://artifacts/mlflow",
            "roleArn": WORKER,
            "trackingServerSize": "Small",
            "tags": {"own": "1"},
        },
        look=_tracking_server,
        seen={"store": "s3://artifacts/mlflow", "role": WORKER, "size": "Small", "url": True, "tags": TAGGED},
        change={"trackingServerSize": "Medium", "tags": {"own": "2"}},
        seen_changed={
            "store": "s3://artifacts/mlflow",
            "role": WORKER,
            "size": "Medium",
            "url": True,
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"roleArn": OTHER_WORKER},
        drift=lambda aws, it: aws("sagemaker").update_mlflow_tracking_server(
            TrackingServerName=it.id, TrackingServerSize="Large"
        ),
        drifts="trackingServerSize",
        remove=lambda aws, it: aws("sagemaker").delete_mlflow_tracking_server(TrackingServerName=it.id),
    ),
]
