"""SageMaker: deletion and tagging of resources that moto supports in part, and numbered versions of images."""

from __future__ import annotations

from typing import Any, cast

from moto.sagemaker.models import sagemaker_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import now


def _delete_model_package_group(exchange: Exchange) -> Answer:
    backend = sagemaker_backends[exchange.call.account][exchange.call.region]
    name = exchange.call.parameters["ModelPackageGroupName"]
    if name not in backend.model_package_groups:
        raise AwsError("ValidationException", f"ModelPackageGroup {name} does not exist.")
    if any(package.model_package_group_name == name for package in backend.model_packages.values()):
        raise AwsError(
            "ConflictException", f"Cannot delete ModelPackageGroup {name}: it still contains model packages."
        )
    del backend.model_package_groups[name]
    # A group that is created again numbers its versions from 1.
    exchange.memory.notes(
        "sagemaker-deleted-model-packages", exchange.call.account, f"{exchange.call.region} {name}"
    ).clear()
    return exchange.call.reply({})


def _describe_model_package_group(exchange: Exchange) -> Answer:
    """Raises AWS's error for an unknown group. moto returns an empty answer."""
    name = exchange.call.parameters["ModelPackageGroupName"].rpartition("/")[2]
    if name not in sagemaker_backends[exchange.call.account][exchange.call.region].model_package_groups:
        raise AwsError("ValidationException", f"ModelPackageGroup {name} does not exist.")
    return exchange.below()


def _add_tags(exchange: Exchange) -> Answer:
    """Replaces the value of an existing tag. moto keeps both values."""
    call, arn = exchange.call, exchange.call.parameters["ResourceArn"]
    if exchange.memory.store.by_arn(call.account, arn) is None:
        again = [tag["Key"] for tag in call.parameters["Tags"]]
        sagemaker_backends[call.account][call.region].delete_tags(arn, again)
    return exchange.below()


def _versions(exchange: Exchange) -> dict[int, dict[str, Any]]:
    """Returns the versions of the requested image by number."""
    name = exchange.call.parameters["ImageName"]
    image = exchange.kept("Image", {"ImageName": name})
    if image is None:
        raise AwsError("ResourceNotFound", f"Image {name} does not exist.")
    versions: Any = exchange.memory.notes("sagemaker", "image versions", image.arn)
    return cast(dict[int, dict[str, Any]], versions)


def _create_image_version(exchange: Exchange) -> Answer:
    versions, given = _versions(exchange), exchange.call.parameters
    counted = exchange.memory.notes("sagemaker", "image versions counted")
    image = f"arn:aws:sagemaker:{exchange.call.region}:{exchange.call.account}:image/{given['ImageName']}"
    number = counted[image] = counted.get(image, 0) + 1
    arn = f"{image.replace(':image/', ':image-version/')}/{number}"
    made = {"ImageArn": image, "ImageVersionArn": arn, "ImageVersionStatus": "CREATED", "Version": number}
    versions[number] = {**given, **made, "ContainerImage": given["BaseImage"], "CreationTime": now()}
    return exchange.call.reply({"ImageVersionArn": arn})


def _image_version(exchange: Exchange) -> Answer:
    """Describes, changes or deletes a version. Without a number, the latest one is meant."""
    call, versions = exchange.call, _versions(exchange)
    number = int(call.parameters.get("Version") or max(versions, default=0))
    if number not in versions:
        raise AwsError("ResourceNotFound", f"Version {number} of the image does not exist.")
    if call.name == "DeleteImageVersion":
        del versions[number]
        return call.reply({})
    if call.name == "UpdateImageVersion":
        versions[number] |= call.parameters
        return call.reply({"ImageVersionArn": versions[number]["ImageVersionArn"]})
    return call.reply({**versions[number], "LastModifiedTime": now()})


PATCHES: Patches = {
    **dict.fromkeys(("DeleteImageVersion", "DescribeImageVersion", "UpdateImageVersion"), _image_version),
    "AddTags": _add_tags,
    "CreateImageVersion": _create_image_version,
    "DeleteModelPackageGroup": _delete_model_package_group,
    "DescribeModelPackageGroup": _describe_model_package_group,
}
