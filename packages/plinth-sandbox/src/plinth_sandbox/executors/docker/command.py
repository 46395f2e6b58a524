"""The commands ``docker info``, ``login``, ``build`` and ``push`` in builds of CodeBuild.

Images of CodeBuild have the client; only privileged builds have an engine. The sandbox builds no container: the Python
environment that stands for the image, or otherwise that of its base image, stands in for it, and every build says so.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.executors import container_images
from plinth_sandbox.executors.docker.dockerfile import DockerfileError, base_of
from plinth_sandbox.executors.images import NoEnvironmentError, environment_of
from plinth_sandbox.kubernetes.node.oci import MANIFEST_TYPE
from plinth_sandbox.layout import IMAGES_FOLDER

_NO_ENGINE = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^:@]+):(?P<tag>[^:@]+)"
)
_TAKEN = ("ImageAlreadyExistsException", "ImageTagAlreadyExistsException")


class DockerError(Exception):
    """The command fails with a message."""


class Docker:
    """An engine whose images are Python environments. What a build has built is kept in its folder."""

    def __init__(self, images: Path, parts: Path, built: Path) -> None:
        self._images, self._parts, self._built = images, parts, built

    def build(self, file: Path, context: Path, tag: str, arguments: dict[str, str]) -> str:
        """Checks a dockerfile and its base image, and returns what stands in for the image."""
        if not context.is_dir():
            raise DockerError(f"unable to prepare context: path {str(context)!r} not found")
        if not file.is_file():
            raise DockerError(f"failed to read dockerfile: open {file}: no such file or directory")
        base = base_of(file.read_text(encoding="utf-8"), arguments)
        environment = self._environment(tag, base)
        known = self._known()
        self._built.write_text(json.dumps({**known, tag: str(environment)}))
        return (
            f"The sandbox builds no container, and runs no instruction of {file.name}: the environment {environment} "
            f"stands in for {tag}, which is made from {base}."
        )

    def push(self, tag: str) -> str:
        """Pushes what stands in for a built image, and returns its digest."""
        if tag not in self._known():
            raise DockerError(f"An image does not exist locally with the tag: {tag.rpartition(':')[0]}")
        found = _ECR.fullmatch(tag)
        if found is None:
            raise DockerError(f"The sandbox pushes images to ECR only, and not {tag}")
        image = container_images.image_of_environment(Path(self._known()[tag]))
        container_images.keep(self._parts, image)
        ecr = boto3.client("ecr", region_name=found["region"])
        try:
            ecr.put_image(
                registryId=found["account"], repositoryName=found["name"], imageTag=found["tag"],
                imageManifest=image.manifest.decode(), imageManifestMediaType=MANIFEST_TYPE, imageDigest=image.digest,
            )  # fmt: skip
        except ClientError as error:
            if error.response["Error"]["Code"] == _TAKEN[0]:
                return image.digest
            raise DockerError(str(error.response["Error"]["Message"])) from error
        return image.digest

    def _known(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._built.read_text()) if self._built.exists() else {}
        return found

    def _environment(self, tag: str, base: str) -> Path:
        for image in (tag, base):
            try:
                return environment_of(image, self._images)
            except NoEnvironmentError as error:
                reason = str(error)
        raise DockerError(f"{base}: failed to resolve source metadata. {reason}")


def main(images: str, built: str, *, engine: bool, words: Sequence[str] | None = None) -> None:
    """Runs one command. Exits with 1 and the message of Docker if it fails.

    ``images`` is the sandbox's file of environments that stand for images, and ``built`` the file with what the build
    has built.
    """
    given, known = _parser().parse_args(words), Path(images)
    try:
        if not engine:
            raise DockerError(_NO_ENGINE)
        _run(given, Docker(known, known.with_name(IMAGES_FOLDER), Path(built)))
    except (DockerError, DockerfileError) as error:
        sys.stderr.write(f"ERROR: {error}\n")
        raise SystemExit(1) from error


def _run(given: argparse.Namespace, docker: Docker) -> None:
    if given.command == "info":
        line = "Server: an engine of the sandbox, which builds no containers"
    elif given.command == "login":
        # ECR's tokens belong to the session that asked for them, and pushes are judged by it.
        line = "Login Succeeded" if sys.stdin.read().strip() else ""
    elif given.command == "build":
        file = given.file or given.context / "Dockerfile"
        arguments = dict(one.split("=", 1) for one in given.build_arg if "=" in one)
        line = docker.build(file, given.context, given.tag, arguments)
    else:
        line = f"{given.tag.rpartition(':')[2]}: digest: {docker.push(given.tag)}"
    if not line:
        raise DockerError("password is empty")
    sys.stdout.write(f"{line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="docker", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("info")
    login = commands.add_parser("login")
    login.add_argument("--username", "-u", required=True)
    login.add_argument("--password-stdin", action="store_true", required=True)
    login.add_argument("server", nargs="?")
    build = commands.add_parser("build")
    build.add_argument("--file", "-f", type=Path)
    build.add_argument("--tag", "-t", required=True)
    build.add_argument("--build-arg", action="append", default=[])
    build.add_argument("--secret", action="append", default=[])
    build.add_argument("context", type=Path)
    push = commands.add_parser("push")
    push.add_argument("tag")
    return parser
