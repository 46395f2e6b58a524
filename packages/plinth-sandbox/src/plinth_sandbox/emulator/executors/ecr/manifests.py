"""The manifests of the images that jobs and endpoints pull."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from plinth_sandbox.executors.images import EcrImage


def manifests_of(images: Iterable[str]) -> dict[str, str]:
    """Returns the manifest of each image that is in a repository, by its URI."""
    named = {uri: image for uri in images if (image := EcrImage.of(uri))}
    return {uri: manifest for uri, image in named.items() if (manifest := _manifest(image))}


def images_of(containers: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(container["Image"]) for container in containers if "Image" in container]


def _manifest(image: EcrImage) -> str:
    # The import is slow, and few sandboxes have repositories.
    from moto.ecr.models import ecr_backends

    repository = ecr_backends[image.account][image.region].repositories.get(image.repository)
    for one in repository.images if repository else ():
        known = {"imageDigest": [one.get_image_digest()], "imageTag": one.image_tags}
        if all(value in known[name] for name, value in image.identifier.items()):
            return str(one.image_manifest)
    return ""
