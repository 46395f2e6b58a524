"""Container images on a machine that runs no containers: a Python environment stands for each."""

from __future__ import annotations

import fnmatch
import json
from pathlib import Path


class NoEnvironmentError(Exception):
    """No environment of this machine stands for the image."""


def environment_of(image: str, images: Path) -> Path:
    """Returns the Python environment that stands for ``image``. Of several patterns that match, the last named one
    counts.

    Raises: NoEnvironmentError.
    """
    for pattern, folder in reversed(_known(images).items()):
        if fnmatch.fnmatchcase(image, pattern):
            return Path(folder)
    raise NoEnvironmentError(
        f"The sandbox runs no containers, and no Python environment stands for the image {image}. "
        "Name one: plinth sandbox image PATTERN FOLDER"
    )


def name_environment(images: Path, pattern: str, folder: Path) -> None:
    """Lets the environment in ``folder`` stand for images that match ``pattern``."""
    known = _known(images)
    known.pop(pattern, None)
    images.parent.mkdir(parents=True, exist_ok=True)
    written = images.with_suffix(".new")
    written.write_text(json.dumps({**known, pattern: str(folder)}, indent=2))
    written.replace(images)


def _known(images: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(images.read_text()) if images.exists() else {}
    return found
