"""Names of container images, and the Python environments of this machine that stand for them."""

from __future__ import annotations

import fnmatch
import json
import re
from dataclasses import dataclass
from pathlib import Path

_OF_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>[^:@]+)"
    r"(?::(?P<tag>[^:@]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


@dataclass(frozen=True, slots=True)
class EcrImage:
    """An image as its URI names it."""

    account: str
    region: str
    repository: str
    tag: str
    """Empty if the URI has none."""
    digest: str
    """Empty if the URI has none."""

    @classmethod
    def of(cls, uri: str) -> EcrImage | None:
        """Returns the image of a URI, or None if it is not of ECR."""
        found = _OF_ECR.fullmatch(uri)
        return cls(**found.groupdict(default="")) if found else None

    @property
    def identifier(self) -> dict[str, str]:
        """The image as ECR's API names it: by its digest if it has one, otherwise by its tag."""
        return {"imageDigest": self.digest} if self.digest else {"imageTag": self.tag or "latest"}


class NoEnvironmentError(Exception):
    """No environment of this machine stands for the image."""


def environment_of(image: str, images: Path) -> Path:
    """Returns the Python environment that stands for ``image``. Of several patterns that match, the last named one
    counts.

    Raises: NoEnvironmentError.
    """
    if folder := _folder_for(image, images):
        return Path(folder)
    raise NoEnvironmentError(
        f"The sandbox runs no containers, and no Python environment stands for the image {image}. "
        "Name one: plinth sandbox image PATTERN FOLDER"
    )


def has_environment(image: str, images: Path) -> bool:
    """Returns whether a Python environment stands for ``image``."""
    return bool(_folder_for(image, images))


def name_environment(images: Path, pattern: str, folder: Path) -> None:
    """Lets the environment in ``folder`` stand for images that match ``pattern``."""
    known = _known(images)
    known.pop(pattern, None)
    images.parent.mkdir(parents=True, exist_ok=True)
    written = images.with_suffix(".new")
    written.write_text(json.dumps({**known, pattern: str(folder)}, indent=2))
    written.replace(images)


def _folder_for(image: str, images: Path) -> str:
    found = (folder for pattern, folder in reversed(_known(images).items()) if fnmatch.fnmatchcase(image, pattern))
    return next(found, "")


def _known(images: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(images.read_text()) if images.exists() else {}
    return found
