"""Builds the images of steps. The job of a step without a dockerfile runs in the image of the training step.

In continuous integration, a project of its own builds and pushes them, because Docker needs privileged containers.
"""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plinth_project.build.configuration import FILE, read_configuration
from plinth_project.build.foundation import Foundation
from plinth_project.build.git import Revision
from plinth_project.documents import ProjectError

DOCKERFILE = "dockerfile"
IMAGE = "Image"
"""Parameter of a pipeline with the image of the training step. The name of the step follows in the parameters with the
images of other steps."""
IMAGE_PROJECT = "IMAGE_PROJECT"
"""Variable of CI with the CodeBuild project that builds images. Use cases without image repositories have none."""
BASE_IMAGE = "BASE_IMAGE"
"""Variable, and build argument, with the image from which dockerfiles start."""
POLL_SECONDS = 5.0
_LAST_LINES = 20
"""Lines of the log of a failed build of images that its fault quotes."""
_SEARCHED_LINES = 1000
"""Lines of the log to search for them. Behind them, CodeBuild writes the command that failed, which is a program."""
_FAILED = re.compile(r"\[Container\] .* State: FAILED")


def dockerfiles(root: Path) -> dict[str, Path]:
    """Returns the dockerfile of each step that has one, by the folder of the step."""
    return {file.parent.name: file for file in sorted((root / "algorithms").glob(f"*/*/{DOCKERFILE}"))}


def image_commands(root: Path, foundation: Foundation, at: Revision, *, push: bool) -> dict[str, list[list[str]]]:
    """Returns the commands that build, and push, the image of each step with a dockerfile. Its tag is the commit."""
    found = {}
    for step, file in dockerfiles(root).items():
        uri = foundation.image(step, foundation.names(at.branch).image_tag(at.commit))
        build = ["docker", "build", "--file", str(file), "--tag", uri, *_base_image(), str(file.parent)]
        found[step] = [build, ["docker", "push", uri]] if push else [build]
    return found


def _base_image() -> list[str]:
    """Returns the option with the base image of the organization. CI sets it in the project of images."""
    base = os.environ.get(BASE_IMAGE)
    return ["--build-arg", f"{BASE_IMAGE}={base}"] if base else []


def build_images(root: Path, foundation: Foundation, at: Revision, *, push: bool) -> Iterator[str]:
    """Builds the images and yields a line for each. Raises ProjectError without a container engine.

    Pipelines whose configuration names an image do not use the built one, so nothing is built if all do. To push in CI
    means to start the project of images and to wait for its result.
    """
    files = sorted((root / "ml_pipelines").glob(f"*/{FILE}"))
    if files and all(read_configuration(file, root).image for file in files):
        yield "No image is built: input.json names the image of all jobs."
        return
    project = os.environ.get(IMAGE_PROJECT)
    if push and project:
        yield from _build_in(project, root, foundation, at)
        return
    if not _has_engine():
        raise ProjectError(
            "images: no container engine answers on this machine; start one, name the image of all jobs in input.json, "
            "or add images to the delivery of the use case, so that CI has a project that builds them"
        )
    if push:
        _log_in(foundation)
    for step, commands in image_commands(root, foundation, at, push=push).items():
        for command in commands:
            _run(command)
        yield f"{step}: {foundation.image(step, foundation.names(at.branch).image_tag(at.commit))}"


def _build_in(project: str, root: Path, foundation: Foundation, at: Revision) -> Iterator[str]:
    """Starts the project of images for the commit, waits for it, and yields the digest of each image."""
    import boto3

    region, tag = foundation.region, foundation.names(at.branch).image_tag(at.commit)
    codebuild: Any = boto3.client("codebuild", region_name=region)
    variables = [{"name": "TAG", "type": "PLAINTEXT", "value": tag}]
    build = codebuild.start_build(projectName=project, sourceVersion=at.commit, environmentVariablesOverride=variables)[
        "build"
    ]
    yield f"{project}: {build['id']}"
    while not build["buildComplete"]:
        time.sleep(POLL_SECONDS)
        (build,) = codebuild.batch_get_builds(ids=[build["id"]])["builds"]
    if build["buildStatus"] != "SUCCEEDED":
        reason = _last_lines(boto3.client("logs", region_name=region), build.get("logs", {}))
        raise ProjectError(f"images: the build {build['id']} has the status {build['buildStatus']}\n{reason}".strip())
    ecr: Any = boto3.client("ecr", region_name=region)
    for step in dockerfiles(root):
        repository = foundation.image(step, tag).partition("/")[2].rpartition(":")[0]
        found = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": tag}])["images"]
        if not found:
            raise ProjectError(f"images: the build {build['id']} has pushed no image of the step {step}")
        yield f"{step}: {foundation.image(step, tag).rpartition(':')[0]}@{found[0]['imageId']['imageDigest']}"


def _last_lines(logs: Any, place: dict[str, str]) -> str:
    """Returns the last lines of the log of a build before the one with which CodeBuild ends the failed phase; empty if
    the build has no log."""
    if not place.get("groupName") or not place.get("streamName"):
        return ""
    events = logs.get_log_events(
        logGroupName=place["groupName"], logStreamName=place["streamName"], limit=_SEARCHED_LINES
    )["events"]
    lines = [line for event in events for line in event["message"].splitlines()]
    end = next((number for number, line in enumerate(lines) if _FAILED.match(line)), len(lines))
    return "\n".join([line for line in lines[:end] if not line.startswith("[Container]")][-_LAST_LINES:])


def _has_engine() -> bool:
    if shutil.which("docker") is None:
        return False
    command = ["docker", "info"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _log_in(foundation: Foundation) -> None:
    import boto3

    ecr: Any = boto3.client("ecr", region_name=foundation.region)
    (granted,) = ecr.get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    _run(["docker", "login", "--username", user, "--password-stdin", granted["proxyEndpoint"]], password)


def _run(command: list[str], text: str = "") -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ProjectError(f"{' '.join(command[:2])} failed:\n{done.stderr.strip()}")
