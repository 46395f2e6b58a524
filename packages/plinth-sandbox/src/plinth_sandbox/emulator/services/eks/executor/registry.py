"""Answers the node of a cluster that pulls images: those of ECR, for which Python environments stand.

Sources: OCI Distribution Specification 1.1; ECR User Guide, "Private registry authentication" and "Amazon ECR managed
policies" (read 2026-11-24).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from moto.ecr.models import ecr_backends

from iam_evaluator.request import Request as Permission
from plinth_sandbox.emulator.authorization.principals import role_of, role_principal
from plinth_sandbox.emulator.authorization.resources import resource_of
from plinth_sandbox.emulator.authorization.usage import decide
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.services.eks.executor.clusters import by_arn
from plinth_sandbox.emulator.services.eks.executor.control_planes import REGISTRY_HEADER, Cluster
from plinth_sandbox.executors import container_images
from plinth_sandbox.executors.images import NoEnvironmentError, environment_of
from plinth_sandbox.kubernetes.node.oci import MANIFEST_TYPE, Image, digest_of, layers_of
from plinth_sandbox.layout import IMAGES_FOLDER

IMAGES_FILE = "images.json"
"""File in the directory of the emulator that names the environments."""
_HOST = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com")
_PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""Actions on a repository that a pull needs: those of the managed policy AmazonEC2ContainerRegistryPullOnly. Another
one, on no resource, gets the token."""
_TOKEN = "ecr:GetAuthorizationToken"


class _RefusedError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass(frozen=True, slots=True)
class _Repository:
    host: str
    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{self.name}"

    def images(self) -> Sequence[Any]:
        kept = ecr_backends[self.account][self.region].repositories.get(self.name)
        if kept is None:
            raise _RefusedError(404, "NAME_UNKNOWN", f"{self.host} has no repository {self.name}")
        return list(kept.images)


def answer(request: Request, identifier: str, parts: Sequence[str], runtime: Runtime) -> Answer:
    """Answers a pull of the node of a cluster. ``parts`` are those of the path: repository, kind and reference."""
    cluster = runtime.control_planes.cluster_of(identifier, request.header(REGISTRY_HEADER))
    if cluster is None:
        return Answer.of_json(404, {"message": "only the node of a cluster may ask"})
    *name, kind, reference = parts
    host = parse_qs(request.query).get("ns", [""])[0]
    try:
        found = _HOST.fullmatch(host)
        if found is None or not name:
            raise _RefusedError(404, "NAME_UNKNOWN", f"the sandbox has no registry {host or 'without a name'}")
        repository = _Repository(host, found[1], found[2], "/".join(name))
        _require_permission(cluster, repository, runtime)
        folder = runtime.outside.directory
        return _manifest(repository, reference, folder) if kind == "manifests" else _part(reference, folder)
    except _RefusedError as refusal:
        return Answer.of_json(refusal.status, {"errors": [{"code": refusal.code, "message": str(refusal)}]})


def _manifest(repository: _Repository, reference: str, folder: Path) -> Answer:
    """Answers with the manifest that ECR has, if the sandbox has its parts. Otherwise a tag means the environment that
    stands for the image now. The runtime asks for the tag, and then for the digest that it was told."""
    foreign: list[str] = []
    for stored_image in repository.images():
        content, digest = str(stored_image.image_manifest).encode(), str(stored_image.get_image_digest())
        known = digest_of(content) == digest and _has_all(folder / IMAGES_FOLDER, content)
        if known and reference in (*stored_image.image_tags, digest):
            return _content(content, MANIFEST_TYPE, digest)
        if not known:
            foreign += stored_image.image_tags
    for tag in foreign:
        if reference == tag or reference.startswith("sha256:"):
            image = _stand_in(repository, tag, folder)
            if reference in (tag, image.digest):
                return _content(image.manifest, MANIFEST_TYPE, image.digest)
    message = f"the repository {repository.name} has no image {reference} whose content the sandbox has"
    raise _RefusedError(404, "MANIFEST_UNKNOWN", message)


def _stand_in(repository: _Repository, tag: str, folder: Path) -> Image:
    """Returns the image of the environment that stands for a tag."""
    try:
        environment = environment_of(f"{repository.host}/{repository.name}:{tag}", folder / IMAGES_FILE)
    except NoEnvironmentError as error:
        raise _RefusedError(404, "MANIFEST_UNKNOWN", str(error)) from error
    image = container_images.image_of_environment(environment)
    container_images.keep(folder / IMAGES_FOLDER, image)
    return image


def _has_all(parts: Path, manifest: bytes) -> bool:
    try:
        wanted = layers_of(json.loads(manifest))
    except (KeyError, TypeError, ValueError):
        return False
    return all(container_images.part_of(parts, digest).exists() for digest in wanted)


def _part(digest: str, folder: Path) -> Answer:
    content = container_images.read(folder / IMAGES_FOLDER, digest)
    if content is None:
        raise _RefusedError(404, "BLOB_UNKNOWN", f"the sandbox has no part {digest}")
    return _content(content, "application/octet-stream", digest)


def _content(content: bytes, kind: str, digest: str) -> Answer:
    headers = {"Content-Type": kind, "Content-Length": str(len(content)), "Docker-Content-Digest": digest}
    return Answer(200, headers, content)


def _require_permission(cluster: Cluster, repository: _Repository, runtime: Runtime) -> None:
    """Refuses a pull that the policies of the node's role, and of the repository, do not allow."""
    record = by_arn(runtime.memory, cluster.arn)
    role_arn = str(((record.values if record else {}).get("computeConfig") or {}).get("nodeRoleArn") or "")
    role = role_of(role_arn)
    if role is None:
        raise _RefusedError(403, "DENIED", f"the role of the node does not exist: {role_arn}")
    principal = role_principal(role, f"i-{cluster.identifier[:17].lower()}")
    for action, arn in ((_TOKEN, "*"), *((action, repository.arn) for action in _PULL)):
        resource = resource_of(arn, action, cluster.account, runtime.memory)
        if not decide(Permission(principal=principal, action=action, resource=resource, region=cluster.region)).allowed:
            raise _RefusedError(403, "DENIED", f"{role_arn} is not allowed to perform {action} on {arn}")
