"""The commands ``docker info``, ``login``, ``build`` and ``push`` in builds of CodeBuild.

Images of CodeBuild have the client; only privileged builds have an engine. The instructions of a dockerfile run over
the folders of the Python environment that stands for the base image. Where this machine has no namespaces for that,
the environment stands in for the image, and the build says so.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.executors import container_images
from plinth_sandbox.executors.built_image import BuiltImage
from plinth_sandbox.executors.docker.build import ImageBuild
from plinth_sandbox.executors.docker.context import context_of
from plinth_sandbox.executors.docker.dockerfile import DockerfileError
from plinth_sandbox.executors.docker.stage import StepError
from plinth_sandbox.executors.image_root import are_possible
from plinth_sandbox.executors.images import EcrImage, NoEnvironmentError, environment_of
from plinth_sandbox.kubernetes.node.oci import MANIFEST_TYPE, digest_of
from plinth_sandbox.layout import IMAGES_FOLDER

_NO_ENGINE = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
_TAKEN = "ImageAlreadyExistsException"


class DockerError(Exception):
    """The command fails with a message."""


class Docker:
    """An engine whose base images are Python environments of this machine.

    ``images`` is the sandbox's file of environments that stand for images, and ``parts`` its folder of the parts of
    images. ``built`` is the file with the manifest of each image that the build has built.
    """

    def __init__(self, images: Path, parts: Path, built: Path) -> None:
        self._images, self._parts, self._built = images, parts, built

    def build(
        self, file: Path, context: Path, tag: str, arguments: Mapping[str, str], secrets: Mapping[str, str]
    ) -> str:
        """Builds an image, and returns its digest. Where this machine cannot run the instructions, an environment
        stands in for the image, and a sentence says so."""
        if not context.is_dir():
            raise DockerError(f"unable to prepare context: path {str(context)!r} not found")
        if not file.is_file():
            raise DockerError(f"failed to read dockerfile: open {file}: no such file or directory")
        performs = are_possible()
        with tempfile.TemporaryDirectory(prefix="image-", dir=self._built.parent) as folder:
            build = ImageBuild(
                folder=Path(folder),
                base=lambda base: self._found(base, tag),
                image=self._found,
                context=context_of(context.resolve(), file.resolve(), Path(folder) / "context"),
                arguments=arguments,
                secrets=secrets,
                performs=performs,
            )
            try:
                built = build.run(file.read_text(encoding="utf-8"))
            except StepError as error:
                raise DockerError(f"failed to solve: {error}") from error
        image = built.image
        container_images.keep(self._parts, image)
        self._built.write_text(json.dumps({**self._known(), tag: image.manifest.decode()}))
        if performs:
            return f"writing image {image.digest}"
        return (
            f"This machine cannot run the instructions of {file.name}: the environment {built.environment} stands in "
            f"for {tag}."
        )

    def push(self, tag: str) -> str:
        """Pushes a built image, and returns its digest."""
        if tag not in self._known():
            raise DockerError(f"An image does not exist locally with the tag: {tag.rpartition(':')[0]}")
        found = EcrImage.of(tag)
        if found is None:
            raise DockerError(f"The sandbox pushes images to ECR only, and not {tag}")
        manifest = self._known()[tag]
        digest = digest_of(manifest.encode())
        ecr = boto3.client("ecr", region_name=found.region)
        try:
            ecr.put_image(
                registryId=found.account, repositoryName=found.repository, imageTag=found.tag,
                imageManifest=manifest, imageManifestMediaType=MANIFEST_TYPE, imageDigest=digest,
            )  # fmt: skip
        except ClientError as error:
            if error.response["Error"]["Code"] != _TAKEN:
                raise DockerError(str(error.response["Error"]["Message"])) from error
        return digest

    def _known(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._built.read_text()) if self._built.exists() else {}
        return found

    def _found(self, name: str, *tags: str) -> BuiltImage | Path:
        """Returns an image: one that this build has built, one of ECR that another build has built, or the
        environment that stands for it, or for the image to build, if its tag is given."""
        manifest = self._known().get(name) or _manifest_of(name)
        if manifest and (built := BuiltImage.read(manifest, self._parts)):
            return built
        for image in (*tags, name):
            try:
                return environment_of(image, self._images)
            except NoEnvironmentError as error:
                reason = str(error)
        raise DockerError(f"{name}: failed to resolve source metadata. {reason}")


def _manifest_of(image: str) -> str:
    """Returns the manifest of an image of ECR, as the role of the build sees it; empty if there is none."""
    found = EcrImage.of(image)
    if found is None:
        return ""
    ecr = boto3.client("ecr", region_name=found.region)
    try:
        answer = ecr.batch_get_image(
            registryId=found.account, repositoryName=found.repository, imageIds=[found.identifier],
            acceptedMediaTypes=[MANIFEST_TYPE],
        )  # fmt: skip
    except ClientError:
        return ""
    return "".join(str(stored_image["imageManifest"]) for stored_image in answer["images"][:1])


def main(images: str, built: str, *, engine: bool, words: Sequence[str] | None = None) -> None:
    """Runs one command. Exits with 1 and the message of Docker if it fails.

    ``images`` is the sandbox's file of environments that stand for images, and ``built`` the file with the manifests of
    what the build has built.
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
        line = "Server: an engine of the sandbox"
    elif given.command == "login":
        # ECR's tokens belong to the session that asked for them, and pushes are judged by it.
        line = "Login Succeeded" if sys.stdin.read().strip() else ""
    elif given.command == "build":
        file = given.file or given.context / "Dockerfile"
        arguments = dict(argument.split("=", 1) for argument in given.build_arg if "=" in argument)
        line = docker.build(file, given.context, given.tag, arguments, dict(map(_secret, given.secret)))
    else:
        line = f"{given.tag.rpartition(':')[2]}: digest: {docker.push(given.tag)}"
    if not line:
        raise DockerError("password is empty")
    sys.stdout.write(f"{line}\n")


def _secret(option: str) -> tuple[str, str]:
    """Returns the name and the value of a secret: ``id=NAME,env=VARIABLE`` or ``id=NAME,src=FILE``."""
    options = dict(part.partition("=")[::2] for part in option.split(","))
    name = options.get("id", "")
    if file := options.get("src") or options.get("source"):
        try:
            return name, Path(file).read_text(encoding="utf-8")
        except OSError as error:
            raise DockerError(f"failed to stat {file}: {error.strerror}") from error
    return name, os.environ.get(options.get("env") or name, "")


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
