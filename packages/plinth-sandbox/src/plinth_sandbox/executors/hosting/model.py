"""The containers of a model: their files, their variables, and the processes that stand for them."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.environment import ENDPOINT_VARIABLES, PROXY_VARIABLES
from plinth_sandbox.executors.built_image import pulled
from plinth_sandbox.executors.hosting.served_container import ServedContainer
from plinth_sandbox.executors.images import NoEnvironmentError, environment_of
from plinth_sandbox.executors.sagemaker.container import Container
from plinth_sandbox.executors.sagemaker.objects import fetch, fetch_archive

PROGRAM = "serve"
"""Program of an image with which SageMaker starts an endpoint (SageMaker Developer Guide, "Custom Inference Code with
Hosting Services", read 2026-11-22)."""
_VARIABLES = (*ENDPOINT_VARIABLES, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION",
              "AWS_DEFAULT_REGION", *PROXY_VARIABLES)  # fmt: skip


class NotServedError(Exception):
    """The variant cannot be served, for a reason that SageMaker reports as ``FailureReason``."""


def containers_of(given: Mapping[str, Any], variables: Mapping[str, str]) -> list[ServedContainer]:
    """Returns the containers of a variant, with their files.

    ``variables`` are those of this process. A container with a network gets its credentials.

    Raises: NotServedError.
    """
    found = []
    for number, definition in enumerate(given["containers"], start=1):
        name = str(definition.get("ContainerHostname") or f"container_{number}")
        root = Path(f"ml-{number}").absolute()
        (root / "model").mkdir(parents=True)
        image = pulled(str(definition["Image"]), given.get("manifests", {}), Path(given["images"]))
        environment = image.environment if image else _environment(str(definition["Image"]), Path(given["images"]))
        _fetch(definition, root / "model", name)
        connection = () if given["isolated"] else _VARIABLES
        passed = {variable: variables[variable] for variable in connection if variable in variables}
        variables_of_container = {**passed, **definition.get("Environment", {})}
        container = Container(environment, root, [], variables_of_container, bool(given["isolated"]), image=image)
        container.command = container.command_of(PROGRAM)
        if not container.command:
            unread = f"{environment}; the sandbox does not read {definition['Image']}"
            raise NotServedError(f"Install the program {PROGRAM} in {definition['Image'] if image else unread}.")
        label = "primary" if len(given["containers"]) == 1 else name
        found.append(ServedContainer(label, container, Path(f"container-{number}.log").absolute()))
    return found


def _environment(image: str, images: Path) -> Path:
    try:
        return environment_of(image, images)
    except NoEnvironmentError as error:
        raise NotServedError(str(error)) from error


def _fetch(container: Mapping[str, Any], folder: Path, name: str) -> None:
    """Downloads the model of a container with the role of the model."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    location = str(container.get("ModelDataUrl") or source.get("S3Uri", ""))
    if not location:
        return
    s3 = boto3.client("s3")
    try:
        if source and source.get("CompressionType", "None") == "None":
            fetch(s3, location, folder)
        else:
            fetch_archive(s3, location, folder)
    except (ClientError, FileNotFoundError) as error:
        raise NotServedError(
            f'Failed to download model data for container "{name}" from URL: "{location}". Please ensure that there is '
            "an object located at the URL and that the role passed to CreateModel has permissions to download the "
            f"object. ({error})"
        ) from error
    except tarfile.TarError as error:
        raise NotServedError(f'The model data of container "{name}" at "{location}" is no archive: {error}') from error
