"""Builds the images of steps. The job of a step without a dockerfile runs in the image of the training step."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared_libraries.project.configuration import FILE, read_configuration
from shared_libraries.project.documents import ProjectError
from shared_libraries.project.foundation import Foundation
from shared_libraries.project.git import Revision

DOCKERFILE = "dockerfile"
IMAGE = "Image"
"""Parameter of a pipeline with the image of the training step. The name of the step follows in the parameters with the
images of other steps."""


def dockerfiles(root: Path) -> dict[str, Path]:
    """Returns the dockerfile of each step that has one, by the folder of the step."""
    return {file.parent.name: file for file in sorted((root / "algorithms").glob(f"*/*/{DOCKERFILE}"))}


def image_commands(root: Path, foundation: Foundation, at: Revision, *, push: bool) -> dict[str, list[list[str]]]:
    """Returns the commands that build, and push, the image of each step with a dockerfile. Its tag is the commit."""
    found = {}
    for step, file in dockerfiles(root).items():
        uri = foundation.image(step, foundation.names(at.branch).image_tag(at.commit))
        build = ["docker", "build", "--file", str(file), "--tag", uri, str(file.parent)]
        found[step] = [build, ["docker", "push", uri]] if push else [build]
    return found


def build_images(root: Path, foundation: Foundation, at: Revision, *, push: bool) -> Iterator[str]:
    """Builds the images and yields a line for each. Raises ProjectError without a container engine.

    Pipelines whose configuration names an image do not use the built one, so nothing is built if all do.
    """
    files = sorted((root / "ml_pipelines").glob(f"*/{FILE}"))
    if files and all(read_configuration(file, root).image for file in files):
        yield "No image is built: input.json names the image of all jobs."
        return
    if not _has_engine():
        raise ProjectError(
            "images: no container engine answers on this machine; start one, run the build project in privileged mode, "
            "or name the image of all jobs in input.json"
        )
    if push:
        _log_in(foundation)
    for step, commands in image_commands(root, foundation, at, push=push).items():
        for command in commands:
            _run(command)
        yield f"{step}: {foundation.image(step, foundation.names(at.branch).image_tag(at.commit))}"


def _has_engine() -> bool:
    if shutil.which("docker") is None:
        return False
    command = ["docker", "info"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def _log_in(foundation: Foundation) -> None:
    import boto3

    ecr: Any = boto3.client("ecr", region_name=foundation.region)
    (granted,) = ecr.get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    _run(["docker", "login", "--username", user, "--password-stdin", granted["proxyEndpoint"]], password)


def _run(command: list[str], text: str = "") -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise ProjectError(f"{' '.join(command[:2])} failed:\n{done.stderr.strip()}")
