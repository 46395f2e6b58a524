"""Samples of SageMaker images."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample
from conformance.samples.machine_learning.sagemaker.common import OTHER_WORKER, PROVIDER_TAG, WORKER, tags

IMAGE = ("aws:sagemaker/image:Image", {"imageName": "needed-{n}", "roleArn": WORKER})
CONTAINER = f"333333333333.dkr.ecr.eu-west-1.amazonaws.com/studio/torch@sha256:{'0' * 64}"
OTHER_CONTAINER = f"333333333333.dkr.ecr.eu-west-1.amazonaws.com/studio/torch@sha256:{'1' * 64}"


def _image_config(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("sagemaker").describe_app_image_config(AppImageConfigName=it.id)
    lab = found["JupyterLabAppImageConfig"]
    return {
        "entry": lab["ContainerConfig"]["ContainerEntrypoint"],
        "variables": lab["ContainerConfig"]["ContainerEnvironmentVariables"],
        "mount": lab["FileSystemConfig"]["MountPath"],
        "tags": tags(aws, it),
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
    return {"role": found["RoleArn"], "shown": found["DisplayName"], "tags": tags(aws, it)}


def _image_version(aws: Aws, it: Kept) -> dict[str, Any]:
    version = int(it.outputs["version"])
    found = aws("sagemaker").describe_image_version(ImageName=it.inputs["imageName"], Version=version)
    return {
        "base": found["BaseImage"],
        "notes": found["ReleaseNotes"],
        "arn": it.outputs["arn"] == found["ImageVersionArn"],
    }


SAMPLES = [
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
]
