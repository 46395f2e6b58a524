"""Samples of Amazon SageMaker."""

from __future__ import annotations

from typing import Any

from tests.engine.conformance.sample import Aws, Kept, Sample

WORKER = "arn:aws:iam::123456789012:role/worker"
OTHER_WORKER = "arn:aws:iam::123456789012:role/other-worker"
SECURITY_GROUP = "sg-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
PROVIDER_TAG = {"from": "provider"}

DOMAIN = (
    "aws:sagemaker/domain:Domain",
    {
        "domainName": "needed-{n}",
        "authMode": "IAM",
        "vpcId": "vpc-0123456789abcdef0",
        "subnetIds": SUBNETS,
        "defaultUserSettings": {"executionRole": WORKER},
    },
)
IMAGE = ("aws:sagemaker/image:Image", {"imageName": "needed-{n}", "roleArn": WORKER})
CONTAINER = f"333333333333.dkr.ecr.eu-west-1.amazonaws.com/studio/torch@sha256:{'0' * 64}"
OTHER_CONTAINER = f"333333333333.dkr.ecr.eu-west-1.amazonaws.com/studio/torch@sha256:{'1' * 64}"
_TAGGED = {**PROVIDER_TAG, "own": "1"}
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


def _tags(aws: Aws, it: Kept) -> dict[str, str]:
    tags = aws("sagemaker").list_tags(ResourceArn=it.outputs["arn"])["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}


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
        "tags": _tags(aws, it),
    }


_SEEN_DOMAIN = {
    "sign-in": "SSO",
    "network": ("VpcOnly", "vpc-0123456789abcdef0", SUBNETS),
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
        "tags": _tags(aws, it),
    }


def _space(aws: Aws, it: Kept) -> dict[str, Any]:
    space = aws("sagemaker").describe_space(DomainId=it.inputs["domainId"], SpaceName=it.inputs["spaceName"])
    return {
        "arn": space["SpaceArn"] == it.id == it.outputs["arn"],
        "owner": space["OwnershipSettings"]["OwnerUserProfileName"],
        "sharing": space["SpaceSharingSettings"]["SharingType"],
        "shown": space["SpaceDisplayName"],
        "gigabytes": space["SpaceSettings"]["SpaceStorageSettings"]["EbsStorageSettings"]["EbsVolumeSizeInGb"],
        "tags": _tags(aws, it),
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
        "tags": _tags(aws, it),
    }


def _image_config(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_app_image_config(AppImageConfigName=it.id)
    lab = found["JupyterLabAppImageConfig"]
    return {
        "entry": lab["ContainerConfig"]["ContainerEntrypoint"],
        "variables": lab["ContainerConfig"]["ContainerEnvironmentVariables"],
        "mount": lab["FileSystemConfig"]["MountPath"],
        "tags": _tags(aws, it),
    }


def _lab_image(*, mount: str) -> dict[str, Any]:
    return {
        "containerConfig": {
            "containerEntrypoints": ["jupyter-lab"],
            "containerEnvironmentVariables": {"MODE": "quiet"},
        },
        "fileSystemConfig": {"mountPath": mount},
    }


def _image(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_image(ImageName=it.id)
    return {"role": found["RoleArn"], "shown": found["DisplayName"], "tags": _tags(aws, it)}


def _image_version(aws: Aws, it: Kept) -> dict[str, Any]:
    version = int(it.outputs["version"])
    found = aws("sagemaker").describe_image_version(ImageName=it.inputs["imageName"], Version=version)
    return {
        "base": found["BaseImage"],
        "notes": found["ReleaseNotes"],
        "arn": it.outputs["arn"] == found["ImageVersionArn"],
    }


def _tracking_server(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_mlflow_tracking_server(TrackingServerName=it.id)
    return {
        "store": found["ArtifactStoreUri"],
        "role": found["RoleArn"],
        "size": found["TrackingServerSize"],
        "url": it.outputs["trackingServerUrl"] == found["TrackingServerUrl"],
        "tags": _tags(aws, it),
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
        "tags": _tags(aws, it),
    }


_SEEN_APP = {
    "name": ["sample-{n}", "sample-{n}"],
    "store": "s3://artifacts/mlflow",
    "role": WORKER,
    "registers": "AutoModelRegistrationDisabled",
    "default": ("DISABLED", ["d-012345678901"]),
    "window": "Sun:03:00",
    "tags": _TAGGED,
}


def _features(aws: Aws, it: Kept) -> dict[str, Any]:
    group = aws("sagemaker").describe_feature_group(FeatureGroupName=it.id)
    online, offline = group["OnlineStoreConfig"], group["OfflineStoreConfig"]
    table = offline["DataCatalogConfig"]
    made = aws("glue").get_table(DatabaseName=table["Database"], Name=table["TableName"])["Table"]
    return {
        "about": (group["Description"], group["RoleArn"]),
        "keys": (group["RecordIdentifierFeatureName"], group["EventTimeFeatureName"]),
        "features": [(f["FeatureName"], f["FeatureType"]) for f in group["FeatureDefinitions"]],
        "online": [online["EnableOnlineStore"], online["SecurityConfig"]["KmsKeyId"]],
        "lasts": (online["TtlDuration"]["Value"], online["TtlDuration"]["Unit"]),
        "offline": [offline["TableFormat"], offline["S3StorageConfig"]["KmsKeyId"]],
        "inside": made["StorageDescriptor"]["Location"].startswith(offline["S3StorageConfig"]["S3Uri"]),
        "tags": _tags(aws, it),
    }


_SEEN_FEATURES = {
    "about": ("how often", WORKER),
    "keys": ("card", "seen_at"),
    "features": [("card", "String"), ("seen_at", "String"), ("payments", "Integral")],
    "online": [True, "{key.outputs.arn}"],
    "lasts": (7, "Days"),
    "offline": ["Iceberg", "{key.outputs.arn}"],
    "inside": True,
    "tags": _TAGGED,
}


SAMPLES = [
    Sample(
        type="aws:sagemaker/featureGroup:FeatureGroup",
        needs={
            "key": ("aws:kms/key:Key", {}),
            "bucket": ("aws:s3/bucket:Bucket", {"bucket": "features-{n}"}),
            "database": ("aws:glue/catalogDatabase:CatalogDatabase", {"name": "features_{n}"}),
        },
        inputs={
            "featureGroupName": "sample-{n}",
            "description": "how often",
            "roleArn": WORKER,
            "recordIdentifierFeatureName": "card",
            "eventTimeFeatureName": "seen_at",
            "featureDefinitions": [
                {"featureName": "card", "featureType": "String"},
                {"featureName": "seen_at", "featureType": "String"},
                {"featureName": "payments", "featureType": "Integral"},
            ],
            "onlineStoreConfig": {
                "enableOnlineStore": True,
                "securityConfig": {"kmsKeyId": "{key.outputs.arn}"},
                "ttlDuration": {"unit": "Days", "value": 7},
            },
            "offlineStoreConfig": {
                "tableFormat": "Iceberg",
                "dataCatalogConfig": {
                    "catalog": "AwsDataCatalog",
                    "database": "{database.outputs.name}",
                    "tableName": "sample_{n}",
                },
                "s3StorageConfig": {"s3Uri": "s3://{bucket.id}/features", "kmsKeyId": "{key.outputs.arn}"},
            },
            "tags": {"own": "1"},
        },
        look=_features,
        seen=_SEEN_FEATURES,
        change={
            "onlineStoreConfig": {
                "enableOnlineStore": True,
                "securityConfig": {"kmsKeyId": "{key.outputs.arn}"},
                "ttlDuration": {"unit": "Hours", "value": 6},
            },
            "tags": {"own": "2"},
        },
        seen_changed={**_SEEN_FEATURES, "lasts": (6, "Hours"), "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={
            "eventTimeFeatureName": "card",
            "offlineStoreConfig": {"s3StorageConfig": {"s3Uri": "s3://{bucket.id}/others"}},
        },
        drift=lambda aws, it: aws("sagemaker").update_feature_group(
            FeatureGroupName=it.id, OnlineStoreConfig={"TtlDuration": {"Unit": "Weeks", "Value": 1}}
        ),
        drifts="onlineStoreConfig",
        remove=lambda aws, it: aws("sagemaker").delete_feature_group(FeatureGroupName=it.id),
    ),
    Sample(
        type="aws:sagemaker/domain:Domain",
        needs={"key": ("aws:kms/key:Key", {})},
        inputs={
            "domainName": "sample-{n}",
            "authMode": "SSO",
            "appNetworkAccessType": "VpcOnly",
            "vpcId": "vpc-0123456789abcdef0",
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
        needs={"domain": DOMAIN},
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
        needs={"domain": DOMAIN, "profile": PROFILE},
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
    Sample(
        type="aws:sagemaker/appImageConfig:AppImageConfig",
        inputs={
            "appImageConfigName": "sample-{n}",
            "jupyterLabImageConfig": _lab_image(mount="/home/before"),
            "tags": {"own": "1"},
        },
        look=_image_config,
        seen={
            "entry": ["jupyter-lab"],
            "variables": {"MODE": "quiet"},
            "mount": "/home/before",
            "tags": {**PROVIDER_TAG, "own": "1"},
        },
        change={"jupyterLabImageConfig": _lab_image(mount="/home/after")},
        seen_changed={
            "entry": ["jupyter-lab"],
            "variables": {"MODE": "quiet"},
            "mount": "/home/after",
            "tags": {**PROVIDER_TAG, "own": "1"},
        },
        replace={"appImageConfigName": "other-{n}"},
        drift=lambda aws, it: aws("sagemaker").update_app_image_config(
            AppImageConfigName=it.id, JupyterLabAppImageConfig={"FileSystemConfig": {"MountPath": "/home/moved"}}
        ),
        drifts="jupyterLabImageConfig",
        remove=lambda aws, it: aws("sagemaker").delete_app_image_config(AppImageConfigName=it.id),
    ),
    Sample(
        type="aws:sagemaker/image:Image",
        inputs={"imageName": "sample-{n}", "roleArn": WORKER, "displayName": "before", "tags": {"own": "1"}},
        look=_image,
        seen={"role": WORKER, "shown": "before", "tags": {**PROVIDER_TAG, "own": "1"}},
        change={"roleArn": OTHER_WORKER, "displayName": "after", "tags": {"own": "2"}},
        seen_changed={"role": OTHER_WORKER, "shown": "after", "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"imageName": "other-{n}"},
        drift=lambda aws, it: aws("sagemaker").update_image(ImageName=it.id, DisplayName="moved"),
        drifts="displayName",
        remove=lambda aws, it: aws("sagemaker").delete_image(ImageName=it.id),
    ),
    Sample(
        type="aws:sagemaker/imageVersion:ImageVersion",
        needs={"image": IMAGE},
        inputs={"imageName": "{image.id}", "baseImage": CONTAINER, "releaseNotes": "before"},
        look=_image_version,
        seen={"base": CONTAINER, "notes": "before", "arn": True},
        change={"releaseNotes": "after"},
        seen_changed={"base": CONTAINER, "notes": "after", "arn": True},
        replace={"baseImage": OTHER_CONTAINER},
        remove=lambda aws, it: aws("sagemaker").delete_image_version(
            ImageName=it.inputs["imageName"], Version=int(it.outputs["version"])
        ),
    ),
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
        seen={"store": "s3://artifacts/mlflow", "role": WORKER, "size": "Small", "url": True, "tags": _TAGGED},
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
    Sample(
        type="aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        inputs={
            "modelPackageGroupName": "sample-{n}",
            "modelPackageGroupDescription": "what it holds",
            "tags": {"own": "1"},
        },
        look=lambda aws, it: {
            "description": aws("sagemaker").describe_model_package_group(ModelPackageGroupName=it.id)[
                "ModelPackageGroupDescription"
            ],
            "tags": _tags(aws, it),
        },
        seen={"description": "what it holds", "tags": {**PROVIDER_TAG, "own": "1"}},
        change={"tags": {"own": "2"}},
        seen_changed={"description": "what it holds", "tags": {**PROVIDER_TAG, "own": "2"}},
        replace={"modelPackageGroupDescription": "another"},
        remove=lambda aws, it: aws("sagemaker").delete_model_package_group(ModelPackageGroupName=it.id),
    ),
]
