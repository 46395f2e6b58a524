"""The images of the emulated ECR that jobs and endpoints pull."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_IMAGE = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^:@]+)"
    r"(?::(?P<tag>[^:@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


def manifests_of(images: Iterable[str]) -> dict[str, str]:
    """Returns the manifest of each image that is in a repository, by its URI."""
    return {image: manifest for image in images if (manifest := _manifest(image))}


def images_of(containers: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(container["Image"]) for container in containers if "Image" in container]


def _manifest(image: str) -> str:
    found = _IMAGE.fullmatch(image)
    if found is None:
        return ""
    # The import is slow, and few sandboxes have repositories.
    from moto.ecr.models import ecr_backends

    repository = ecr_backends[found["account"]][found["region"]].repositories.get(found["name"])
    for one in repository.images if repository else ():
        if (
            found["digest"] == one.get_image_digest()
            if found["digest"]
            else (found["tag"] or "latest") in one.image_tags
        ):
            return str(one.image_manifest)
    return ""
