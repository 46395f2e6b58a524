"""Pushes the image of a Python environment to the emulated ECR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.environment import as_role, client
from plinth_sandbox.executors import container_images
from plinth_sandbox.executors.images import EcrImage, NoEnvironmentError, environment_of
from plinth_sandbox.kubernetes.node.oci import MANIFEST_TYPE
from plinth_sandbox.layout import Layout

_TAKEN = ("ImageAlreadyExistsException", "ImageTagAlreadyExistsException")
_TAG_DIGITS = 12


def push(layout: Layout, image: str, values: Mapping[str, str]) -> str:
    """Puts an image into its repository and returns the digest. ``values`` connect with the sandbox.

    An image without a tag gets the beginning of its digest as tag, because tags of a repository may be immutable.

    Raises: SetUpError with the reason.
    """
    found = EcrImage.of(image)
    if found is None or found.digest:
        raise SetUpError(
            f"{image} is not an image of ECR",
            fix="name it as <account>.dkr.ecr.<region>.amazonaws.com/<repository>, with or without :<tag>",
        )
    try:
        environment = environment_of(image if found.tag else f"{image}:latest", layout.images)
    except NoEnvironmentError as error:
        raise SetUpError(f"no environment stands for {image}", fix="plinth sandbox image PATTERN FOLDER") from error
    made = container_images.image_of_environment(environment)
    container_images.keep(layout.image_parts, made)
    ecr = _client(values, found.account, found.region)
    tag = found.tag or made.digest.partition(":")[2][:_TAG_DIGITS]
    try:
        ecr.put_image(
            repositoryName=found.repository, imageTag=tag, imageManifest=made.manifest.decode(),
            imageManifestMediaType=MANIFEST_TYPE, imageDigest=made.digest,
        )  # fmt: skip
    except ClientError as error:
        if error.response["Error"]["Code"] not in _TAKEN:
            raise SetUpError(f"{image} cannot be pushed: {error}", fix="create the repository first") from error
        if _digest_of(ecr, found.repository, tag) != made.digest:
            raise SetUpError(
                f"{image} is another image, and the tags of the repository are immutable",
                fix="push with another tag, or without one",
            ) from error
    return made.digest


def _digest_of(ecr: Any, repository: str, tag: str) -> str:
    (found,) = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])["imageDetails"]
    return str(found["imageDigest"])


def _client(values: Mapping[str, str], account: str, region: str) -> Any:
    """Returns a client of ECR as the administrator of an account."""
    if client("sts", values).get_caller_identity()["Account"] != account:
        values = as_role(values, f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole", "push")
    return client("ecr", values, region)
