"""Images for Studio."""

from __future__ import annotations

from plinth_sandbox.provider.catalog.machine_learning.sagemaker.common import TAGS
from plinth_sandbox.provider.functions.sagemaker.studio import DESCRIBED_BY_PEOPLE, create_image_version
from plinth_sandbox.provider.vocabulary import Call, Resource, Update, Wait

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
    exactly_one=[["codeEditorAppImageConfig", "jupyterLabImageConfig", "kernelGatewayImageConfig"]],
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
    # SageMaker assigns version numbers, and returns the number only at the end of the version's ARN.
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

RESOURCES = [APP_IMAGE_CONFIG, IMAGE, IMAGE_VERSION]
