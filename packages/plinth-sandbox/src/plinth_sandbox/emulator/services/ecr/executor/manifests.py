"""The manifests of the images that jobs, endpoints and builds pull."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from plinth_sandbox.emulator.preconditions.policy_documents import is_emulated
from plinth_sandbox.executors.images import EcrImage


def manifests_of(images: Iterable[str]) -> dict[str, str]:
    """Returns the manifest of each image that is in a repository, by its URI."""
    named = {uri: image for uri in images if (image := EcrImage.of(uri))}
    return {uri: manifest for uri, image in named.items() if (manifest := _manifest(image))}


def images_of(containers: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(container["Image"]) for container in containers if "Image" in container]


def is_stored(image: EcrImage) -> bool:
    """Returns whether a repository has an image. Registries that are not emulated have every image."""
    return not is_emulated(image.account) or _find(image) is not None


def _find(image: EcrImage) -> Any:
    """Returns the image of moto, or None."""
    # The import is slow, and few sandboxes have repositories.
    from moto.ecr.models import ecr_backends

    repository = ecr_backends[image.account][image.region].repositories.get(image.repository)
    return image_in(repository, image.identifier) if repository else None


def _manifest(image: EcrImage) -> str:
    found = _find(image)
    return str(found.image_manifest) if found else ""


def image_in(repository: Any, identifier: Mapping[str, str]) -> Any:
    """Returns the image of a repository of moto that a digest or a tag names, or None."""
    for image in repository.images:
        if identifier.get("imageDigest") == image.get_image_digest() or identifier.get("imageTag") in image.image_tags:
            return image
    return None
