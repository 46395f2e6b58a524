"""Amazon SageMaker: Studio, and the registry of models."""

from __future__ import annotations

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

RESOURCES = [
    DOMAIN,
    USER_PROFILE,
    SPACE,
    STUDIO_LIFECYCLE_CONFIG,
    APP_IMAGE_CONFIG,
    MODEL_PACKAGE_GROUP,
]
