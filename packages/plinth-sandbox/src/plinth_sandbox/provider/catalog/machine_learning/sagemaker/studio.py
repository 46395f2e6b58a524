"""SageMaker Studio: domains, user profiles, spaces and lifecycle configurations."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker.common import TAGS, in_service, not_found
from plinth_sandbox.provider.vocabulary import Call, Resource, Update

DOMAIN = Resource(
    type="aws:sagemaker/domain:Domain",
    create=Call("create_domain", gives={"id": "DomainId"}),
    address={"DomainId": "{id}"},
    read="describe_domain",
    update=[
        Update(
            # AWS could change the subnets of a domain. The vendor's provider replaces the domain.
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
    ready=in_service("describe_domain"),
    gone=not_found("describe_domain"),
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
    ready=in_service("describe_user_profile"),
    gone=not_found("describe_user_profile"),
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
    ready=in_service("describe_space"),
    gone=not_found("describe_space"),
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

RESOURCES = [DOMAIN, USER_PROFILE, SPACE, STUDIO_LIFECYCLE_CONFIG]
