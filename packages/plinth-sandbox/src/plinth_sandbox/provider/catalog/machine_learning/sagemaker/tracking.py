"""MLflow in SageMaker: tracking servers and apps."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker.common import TAGS
from plinth_sandbox.provider.vocabulary import Call, Resource, Wait

MLFLOW_APP = Resource(
    type="aws:sagemaker/mlflowApp:MlflowApp",
    create=Call("create_mlflow_app", gives={"id": "Arn"}),
    address={"Arn": "{id}"},
    read="describe_mlflow_app",
    update=["update_mlflow_app"],
    delete="delete_mlflow_app",
    renames={"defaultDomainIdLists": "DefaultDomainIdList"},
    defaults={"modelRegistrationMode": "AutoModelRegistrationDisabled"},
    computed=["accountDefaultStatus", "weeklyMaintenanceWindowStart"],
    ready=Wait(
        Call("describe_mlflow_app"),
        until="contains(['Created', 'Updated'], Status)",
        failed="ends_with(Status, 'Failed')",
    ),
    gone=Wait(Call("describe_mlflow_app"), until="Status=='Deleted'", failed="Status=='DeleteFailed'"),
    exists="Status!='Deleted'",
    name=None,
    tags=TAGS,
)

MLFLOW_TRACKING_SERVER = Resource(
    type="aws:sagemaker/mlflowTrackingServer:MlflowTrackingServer",
    create="create_mlflow_tracking_server",
    identifier="{trackingServerName}",
    address={"TrackingServerName": "{trackingServerName}"},
    read="describe_mlflow_tracking_server",
    update=["update_mlflow_tracking_server"],
    delete="delete_mlflow_tracking_server",
    renames={"arn": "TrackingServerArn"},
    defaults={"automaticModelRegistration": False, "trackingServerSize": "Small"},
    computed=["mlflowVersion", "weeklyMaintenanceWindowStart"],
    ready=Wait(
        Call("describe_mlflow_tracking_server"),
        until="contains(['Created', 'Updated'], TrackingServerStatus)",
        failed="ends_with(TrackingServerStatus, 'Failed')",
    ),
    gone=Wait(Call("describe_mlflow_tracking_server"), until="`false`", failed="TrackingServerStatus=='DeleteFailed'"),
    name=None,
    tags=TAGS,
)

RESOURCES = [MLFLOW_APP, MLFLOW_TRACKING_SERVER]
