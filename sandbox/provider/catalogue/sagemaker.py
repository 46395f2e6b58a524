"""Amazon SageMaker: Studio, and the registry of models."""

from __future__ import annotations

from sandbox.provider.functions.sagemaker import DESCRIBED_BY_PEOPLE, create_image_version
from sandbox.provider.vocabulary import Call, Resource, Tagging, Update, Wait

TAGS = Tagging("add_tags", "delete_tags", "list_tags")


def _in_service(operation: str) -> Wait:
    failed = "ends_with(Status, 'Failed')"  # Failed, Update_Failed, Delete_Failed
    return Wait(Call(operation), until="Status=='InService'", failed=failed, reason="FailureReason")


def _not_found(operation: str) -> Wait:
    """Nothing that SageMaker answers means gone, only that it no longer answers."""
    return Wait(Call(operation), until="`false`", failed="Status=='Delete_Failed'", reason="FailureReason")


DOMAIN = Resource(
    type="aws:sagemaker/domain:Domain",
    create=Call("create_domain", gives={"id": "DomainId"}),
    address={"DomainId": "{id}"},
    read="describe_domain",
    update=[
        Update(
            # AWS could move a domain to other subnets; the vendor's provider makes a new one.
            Call(
                "update_domain",
                carries=[
                    "appNetworkAccessType",
                    "appSecurityGroupManagement",
                    "defaultUserSettings",
                    "defaultSpaceSettings",
                    "domainSettings",
                    "tagPropagation",
                ],
            )
        )
    ],
    delete=Call("delete_domain", {"RetentionPolicy": {"HomeEfsFileSystem": "{retentionPolicy.homeEfsFileSystem}"}}),
    renames={
        "arn": "DomainArn",
        "domainSettings": "DomainSettingsForUpdate",
        "rStudioServerProDomainSettings": "RStudioServerProDomainSettingsForUpdate",
    },
    defaults={"appNetworkAccessType": "PublicInternetOnly", "tagPropagation": "DISABLED"},
    computed=["defaultUserSettings.autoMountHomeEfs"],
    local=["retentionPolicy"],
    ready=_in_service("describe_domain"),
    gone=_not_found("describe_domain"),
    name=None,
    tags=TAGS,
)

USER_PROFILE = Resource(
    type="aws:sagemaker/userProfile:UserProfile",
    create="create_user_profile",
    identifier="arn:{@partition}:sagemaker:{@region}:{@account}:user-profile/{domainId}/{userProfileName}",
    address={"DomainId": "{domainId}", "UserProfileName": "{userProfileName}"},
    read="describe_user_profile",
    update=["update_user_profile"],
    delete="delete_user_profile",
    renames={"arn": "UserProfileArn"},
    computed=["userSettings.autoMountHomeEfs"],
    ready=_in_service("describe_user_profile"),
    gone=_not_found("describe_user_profile"),
    name=None,
    tags=TAGS,
)

SPACE = Resource(
    type="aws:sagemaker/space:Space",
    create="create_space",
    identifier="arn:{@partition}:sagemaker:{@region}:{@account}:space/{domainId}/{spaceName}",
    address={"DomainId": "{domainId}", "SpaceName": "{spaceName}"},
    read="describe_space",
    update=["update_space"],
    delete="delete_space",
    renames={"arn": "SpaceArn"},
    ready=_in_service("describe_space"),
    gone=_not_found("describe_space"),
    name=None,
    tags=TAGS,
)

STUDIO_LIFECYCLE_CONFIG = Resource(
    type="aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig",
    create="create_studio_lifecycle_config",
    identifier="{studioLifecycleConfigName}",
    address={"StudioLifecycleConfigName": "{studioLifecycleConfigName}"},
    read="describe_studio_lifecycle_config",
    delete="delete_studio_lifecycle_config",
    renames={"arn": "StudioLifecycleConfigArn"},
    name=None,
    tags=TAGS,
)

APP_IMAGE_CONFIG = Resource(
    type="aws:sagemaker/appImageConfig:AppImageConfig",
    create="create_app_image_config",
    identifier="{appImageConfigName}",
    address={"AppImageConfigName": "{appImageConfigName}"},
    read="describe_app_image_config",
    update=["update_app_image_config"],
    delete="delete_app_image_config",
    renames={"arn": "AppImageConfigArn", "jupyterLabImageConfig": "JupyterLabAppImageConfig"},
    ordered=[
        f"{image}.containerConfig.container{part}"
        for image in ("jupyterLabImageConfig", "codeEditorAppImageConfig")
        for part in ("Arguments", "Entrypoints")
    ],
    name=None,
    tags=TAGS,
)

IMAGE = Resource(
    type="aws:sagemaker/image:Image",
    create="create_image",
    identifier="{imageName}",
    address={"ImageName": "{imageName}"},
    read="describe_image",
    update=["update_image"],
    delete="delete_image",
    renames={"arn": "ImageArn"},
    ready=Wait(
        Call("describe_image"),
        until="ImageStatus=='CREATED'",
        failed="ends_with(ImageStatus, '_FAILED')",
        reason="FailureReason",
    ),
    name=None,
    tags=TAGS,
)

IMAGE_VERSION = Resource(
    type="aws:sagemaker/imageVersion:ImageVersion",
    # SageMaker counts the versions, and says which it made in the end of their ARN alone.
    create=create_image_version,
    creates=["imageName", "baseImage", "aliases", *DESCRIBED_BY_PEOPLE],
    identifier="{imageName},{version}",
    address={"ImageName": "{imageName}", "Version": "{version}"},
    read="describe_image_version",
    update=[Update(Call("update_image_version"), carries=list(DESCRIBED_BY_PEOPLE))],
    delete="delete_image_version",
    renames={"arn": "ImageVersionArn", "mlFramework": "MLFramework"},
    ready=Wait(
        Call("describe_image_version"),
        until="ImageVersionStatus=='CREATED'",
        failed="ends_with(ImageVersionStatus, '_FAILED')",
        reason="FailureReason",
    ),
    unread=["aliases"],
    name=None,
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

MODEL_PACKAGE_GROUP = Resource(
    type="aws:sagemaker/modelPackageGroup:ModelPackageGroup",
    create="create_model_package_group",
    identifier="{modelPackageGroupName}",
    address={"ModelPackageGroupName": "{modelPackageGroupName}"},
    read="describe_model_package_group",
    delete="delete_model_package_group",
    absent="ValidationException: .*does not exist",
    renames={"arn": "ModelPackageGroupArn"},
    name=None,
    tags=TAGS,
)

FEATURE_GROUP = Resource(
    type="aws:sagemaker/featureGroup:FeatureGroup",
    create="create_feature_group",
    identifier="{featureGroupName}",
    address={"FeatureGroupName": "{featureGroupName}"},
    read="describe_feature_group",
    # AWS could add features to a group; the vendor's provider makes a new one.
    update=[Update(Call("update_feature_group", carries=["onlineStoreConfig", "throughputConfig"]))],
    replaces=[f"onlineStoreConfig.{part}" for part in ("enableOnlineStore", "securityConfig", "storageType")],
    delete="delete_feature_group",
    renames={"arn": "FeatureGroupArn"},
    computed=[
        "offlineStoreConfig.dataCatalogConfig",
        "offlineStoreConfig.s3StorageConfig.resolvedOutputS3Uri",
        "offlineStoreConfig.tableFormat",
        "throughputConfig",
    ],
    ordered=["featureDefinitions"],
    ready=Wait(
        Call("describe_feature_group"),
        until="FeatureGroupStatus=='Created'",
        failed="FeatureGroupStatus=='CreateFailed'",
        reason="FailureReason",
    ),
    gone=Wait(Call("describe_feature_group"), until="`false`", failed="FeatureGroupStatus=='DeleteFailed'"),
    name=None,
    tags=TAGS,
)

RESOURCES = [
    DOMAIN,
    FEATURE_GROUP,
    USER_PROFILE,
    SPACE,
    STUDIO_LIFECYCLE_CONFIG,
    APP_IMAGE_CONFIG,
    IMAGE,
    IMAGE_VERSION,
    MLFLOW_APP,
    MLFLOW_TRACKING_SERVER,
    MODEL_PACKAGE_GROUP,
]
