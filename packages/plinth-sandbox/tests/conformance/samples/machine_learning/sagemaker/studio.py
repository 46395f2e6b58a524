"""Samples of SageMaker Studio: domains, user profiles and spaces."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Need, Sample
from conformance.samples.machine_learning.sagemaker.common import (
    OTHER_WORKER,
    PROVIDER_TAG,
    WORKER,
    tags,
)
from conformance.samples.network.ec2.prerequisites import SECURITY_GROUP as GROUP
from conformance.samples.network.ec2.prerequisites import SUBNET, VPC

SECURITY_GROUP, SUBNETS = "{group.id}", ["{subnet.id}", "{second.id}"]
NETWORK: dict[str, Need] = {
    "vpc": VPC,
    "subnet": SUBNET,
    "second": (SUBNET[0], {**SUBNET[1], "cidrBlock": "10.0.2.0/24"}),
    "group": GROUP,
}
DOMAIN: Need = (
    "aws:sagemaker/domain:Domain",
    {
        "domainName": "needed-{n}",
        "authMode": "IAM",
        "vpcId": "{vpc.id}",
        "subnetIds": SUBNETS,
        "defaultUserSettings": {"executionRole": WORKER},
    },
)
PROFILE = (
    "aws:sagemaker/userProfile:UserProfile",
    {"domainId": "{domain.id}", "userProfileName": "ada"},
)


def _idle(minutes: int) -> dict[str, Any]:
    settings = {
        "lifecycleManagement": "ENABLED",
        "idleTimeoutInMinutes": minutes,
        "maxIdleTimeoutInMinutes": 2 * minutes,
    }
    return {"appLifecycleManagement": {"idleSettings": settings}}


_CANVAS = ("directDeploy", "emrServerless", "kendra", "modelRegister", "timeSeriesForecasting")


def _canvas(users: dict[str, Any]) -> dict[str, Any]:
    canvas = users["CanvasAppSettings"]
    states = {canvas[f"{part[0].upper()}{part[1:]}Settings"]["Status"] for part in _CANVAS}
    return {
        "hidden": users["StudioWebPortalSettings"]["HiddenAppTypes"],
        "states": states,
        "workspace": canvas["WorkspaceSettings"]["S3ArtifactPath"],
    }


def _user_settings(*, role: str, minutes: int) -> dict[str, Any]:
    return {
        "executionRole": role,
        "securityGroups": [SECURITY_GROUP],
        "defaultLandingUri": "studio::",
        "studioWebPortal": "ENABLED",
        "sharingSettings": {"notebookOutputOption": "Disabled"},
        "studioWebPortalSettings": {"hiddenAppTypes": ["Canvas"]},
        "canvasAppSettings": {
            **{f"{part}Settings": {"status": "DISABLED"} for part in _CANVAS},
            "workspaceSettings": {"s3ArtifactPath": f"s3://work/canvas-{minutes}", "s3KmsKeyId": "key"},
        },
        "jupyterLabAppSettings": _idle(minutes),
        "codeEditorAppSettings": _idle(minutes),
    }


def _domain(aws: Aws, it: Kept) -> dict[str, Any]:
    domain = aws("sagemaker").describe_domain(DomainId=it.id)
    users, spaces = domain["DefaultUserSettings"], domain["DefaultSpaceSettings"]
    idle = [
        users[app]["AppLifecycleManagement"]["IdleSettings"]
        for app in ("JupyterLabAppSettings", "CodeEditorAppSettings")
    ]
    return {
        "sign-in": domain["AuthMode"],
        "network": (domain["AppNetworkAccessType"], domain["VpcId"], domain["SubnetIds"]),
        "key": domain["KmsKeyId"],
        "propagation": domain["TagPropagation"],
        "people": domain["DomainSettings"]["ExecutionRoleIdentityConfig"],
        "docker": domain["DomainSettings"]["DockerSettings"]["EnableDockerAccess"],
        "groups": (
            domain["DomainSettings"]["SecurityGroupIds"],
            users["SecurityGroups"],
            spaces["SecurityGroups"],
        ),
        "roles": (users["ExecutionRole"], spaces["ExecutionRole"]),
        "portal": (users["DefaultLandingUri"], users["StudioWebPortal"]),
        "sharing": users["SharingSettings"]["NotebookOutputOption"],
        "canvas": _canvas(users),
        "idle": {(found["IdleTimeoutInMinutes"], found["MaxIdleTimeoutInMinutes"]) for found in idle},
        "url": it.outputs["url"] == domain["Url"] and domain["Url"].startswith(f"https://{it.id}."),
        "tags": tags(aws, it),
    }


_SEEN_DOMAIN = {
    "sign-in": "SSO",
    "network": ("VpcOnly", "{vpc.id}", SUBNETS),
    "key": "{key.outputs.arn}",
    "propagation": "ENABLED",
    "people": "USER_PROFILE_NAME",
    "docker": "DISABLED",
    "groups": ([SECURITY_GROUP], [SECURITY_GROUP], [SECURITY_GROUP]),
    "roles": (WORKER, WORKER),
    "portal": ("studio::", "ENABLED"),
    "sharing": "Disabled",
    "canvas": {"hidden": ["Canvas"], "states": {"DISABLED"}, "workspace": "s3://work/canvas-60"},
    "idle": {(60, 120)},
    "url": True,
    "tags": {**PROVIDER_TAG, "own": "1"},
}


def _share_notebooks(aws: Aws, it: Kept) -> None:
    aws("sagemaker").update_domain(
        DomainId=it.id, DefaultUserSettings={"SharingSettings": {"NotebookOutputOption": "Allowed"}}
    )


def _profile(aws: Aws, it: Kept) -> dict[str, Any]:
    profile = aws("sagemaker").describe_user_profile(
        DomainId=it.inputs["domainId"], UserProfileName=it.inputs["userProfileName"]
    )
    return {
        "arn": profile["UserProfileArn"] == it.id == it.outputs["arn"],
        "person": (profile["SingleSignOnUserIdentifier"], profile["SingleSignOnUserValue"]),
        "role": profile["UserSettings"]["ExecutionRole"],
        "tags": tags(aws, it),
    }


def _people(aws: Aws, known: dict[str, Any]) -> None:
    """Adds the people of the profiles to the directory."""
    directory, store = aws("identitystore"), known["center"]["directory"]
    known_names = {user["UserName"] for user in directory.list_users(IdentityStoreId=store)["Users"]}
    for name in {"ada", "bob"} - known_names:
        full_name = {"GivenName": name, "FamilyName": "Doe"}
        directory.create_user(IdentityStoreId=store, UserName=name, DisplayName=name, Name=full_name)


def _space(aws: Aws, it: Kept) -> dict[str, Any]:
    space = aws("sagemaker").describe_space(DomainId=it.inputs["domainId"], SpaceName=it.inputs["spaceName"])
    return {
        "arn": space["SpaceArn"] == it.id == it.outputs["arn"],
        "owner": space["OwnershipSettings"]["OwnerUserProfileName"],
        "sharing": space["SpaceSharingSettings"]["SharingType"],
        "shown": space["SpaceDisplayName"],
        "gigabytes": space["SpaceSettings"]["SpaceStorageSettings"]["EbsStorageSettings"]["EbsVolumeSizeInGb"],
        "tags": tags(aws, it),
    }


def _space_settings(*, gigabytes: int) -> dict[str, Any]:
    return {
        "appType": "JupyterLab",
        "jupyterLabAppSettings": {"defaultResourceSpec": {"instanceType": "ml.t3.medium"}},
        "spaceStorageSettings": {"ebsStorageSettings": {"ebsVolumeSizeInGb": gigabytes}},
    }


def _lifecycle_config(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_studio_lifecycle_config(StudioLifecycleConfigName=it.id)
    return {
        "content": found["StudioLifecycleConfigContent"],
        "app": found["StudioLifecycleConfigAppType"],
        "tags": tags(aws, it),
    }


SAMPLES = [
    Sample(
        type="aws:sagemaker/domain:Domain",
        needs={**NETWORK, "key": ("aws:kms/key:Key", {})},
        inputs={
            "domainName": "sample-{n}",
            "authMode": "SSO",
            "appNetworkAccessType": "VpcOnly",
            "vpcId": "{vpc.id}",
            "subnetIds": SUBNETS,
            "kmsKeyId": "{key.outputs.arn}",
            "tagPropagation": "ENABLED",
            "domainSettings": {
                "dockerSettings": {"enableDockerAccess": "DISABLED"},
                "executionRoleIdentityConfig": "USER_PROFILE_NAME",
                "securityGroupIds": [SECURITY_GROUP],
            },
            "defaultUserSettings": _user_settings(role=WORKER, minutes=60),
            "defaultSpaceSettings": {"executionRole": WORKER, "securityGroups": [SECURITY_GROUP]},
            "retentionPolicy": {"homeEfsFileSystem": "Delete"},
            "tags": {"own": "1"},
        },
        look=_domain,
        seen=_SEEN_DOMAIN,
        change={
            "domainSettings": {
                "dockerSettings": {"enableDockerAccess": "ENABLED"},
                "executionRoleIdentityConfig": "USER_PROFILE_NAME",
                "securityGroupIds": [SECURITY_GROUP],
            },
            "defaultUserSettings": _user_settings(role=OTHER_WORKER, minutes=90),
            "tagPropagation": None,
            "tags": {"own": "2"},
        },
        seen_changed={
            **_SEEN_DOMAIN,
            "docker": "ENABLED",
            "roles": (OTHER_WORKER, WORKER),
            "canvas": {"hidden": ["Canvas"], "states": {"DISABLED"}, "workspace": "s3://work/canvas-90"},
            "idle": {(90, 180)},
            "propagation": "DISABLED",
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"subnetIds": SUBNETS[:1]},
        drift=_share_notebooks,
        drifts="defaultUserSettings",
        remove=lambda aws, it: aws("sagemaker").delete_domain(DomainId=it.id),
        not_imported=("retentionPolicy",),
    ),
    Sample(
        type="aws:sagemaker/userProfile:UserProfile",
        needs={**NETWORK, "domain": (DOMAIN[0], {**DOMAIN[1], "authMode": "SSO"})},
        prepare=_people,
        inputs={
            "domainId": "{domain.id}",
            "userProfileName": "ada",
            "singleSignOnUserIdentifier": "UserName",
            "singleSignOnUserValue": "ada",
            "userSettings": {"executionRole": WORKER},
            "tags": {"own": "1"},
        },
        look=_profile,
        seen={"arn": True, "person": ("UserName", "ada"), "role": WORKER, "tags": {**PROVIDER_TAG, "own": "1"}},
        change={"userSettings": {"executionRole": OTHER_WORKER}, "tags": {"own": "2"}},
        seen_changed={
            "arn": True,
            "person": ("UserName", "ada"),
            "role": OTHER_WORKER,
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"singleSignOnUserValue": "bob"},
        drift=lambda aws, it: aws("sagemaker").update_user_profile(
            DomainId=it.inputs["domainId"], UserProfileName="ada", UserSettings={"ExecutionRole": OTHER_WORKER}
        ),
        drifts="userSettings",
        remove=lambda aws, it: aws("sagemaker").delete_user_profile(
            DomainId=it.inputs["domainId"], UserProfileName="ada"
        ),
    ),
    Sample(
        type="aws:sagemaker/space:Space",
        needs={**NETWORK, "domain": DOMAIN, "profile": PROFILE},
        inputs={
            "domainId": "{domain.id}",
            "spaceName": "work",
            "spaceDisplayName": "before",
            "ownershipSettings": {"ownerUserProfileName": "ada"},
            "spaceSharingSettings": {"sharingType": "Private"},
            "spaceSettings": _space_settings(gigabytes=10),
            "tags": {"own": "1"},
        },
        look=_space,
        seen={
            "arn": True,
            "owner": "ada",
            "sharing": "Private",
            "shown": "before",
            "gigabytes": 10,
            "tags": {**PROVIDER_TAG, "own": "1"},
        },
        change={
            "spaceDisplayName": "after",
            "spaceSettings": _space_settings(gigabytes=20),
            "tags": {"own": "2"},
        },
        seen_changed={
            "arn": True,
            "owner": "ada",
            "sharing": "Private",
            "shown": "after",
            "gigabytes": 20,
            "tags": {**PROVIDER_TAG, "own": "2"},
        },
        replace={"spaceName": "other"},
        drift=lambda aws, it: aws("sagemaker").update_space(
            DomainId=it.inputs["domainId"], SpaceName="work", SpaceDisplayName="moved"
        ),
        drifts="spaceDisplayName",
        remove=lambda aws, it: aws("sagemaker").delete_space(DomainId=it.inputs["domainId"], SpaceName="work"),
    ),
    Sample(
        type="aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig",
        inputs={
            "studioLifecycleConfigName": "sample-{n}",
            "studioLifecycleConfigContent": "ZWNobyBoZWxsbw==",
            "studioLifecycleConfigAppType": "JupyterLab",
            "tags": {"own": "1"},
        },
        look=_lifecycle_config,
        seen={"content": "ZWNobyBoZWxsbw==", "app": "JupyterLab", "tags": {**PROVIDER_TAG, "own": "1"}},
        change={"tags": {"own": "2"}},
        seen_changed={"content": "ZWNobyBoZWxsbw==", "app": "JupyterLab", "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"studioLifecycleConfigContent": "ZWNobyBieWU="},
        remove=lambda aws, it: aws("sagemaker").delete_studio_lifecycle_config(StudioLifecycleConfigName=it.id),
    ),
]
