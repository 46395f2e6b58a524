"""The version of the library that a repository pins, compared with the one that runs."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

from plinth_project.documents import ProjectError

NAME = "plinth-project"
FILE = "requirements.txt"
_PINNED = re.compile(rf"^{NAME}==(\S+)", re.MULTILINE)


def pinned(requirements: str) -> str | None:
    """Returns the version that requirements pin, or None if they do not name the library."""
    found = _PINNED.search(requirements)
    return found[1] if found else None


def refuse_other_version(root: Path, *, major: bool = False) -> None:
    """Raises ProjectError if the repository pins another version than this one. ``major`` compares first numbers.

    Promotions run the command line of a deployment repository with their own version, so there the first number counts.
    """
    file = root / FILE
    wanted = pinned(file.read_text(encoding="utf-8")) if file.is_file() else None
    own = version(NAME)
    if wanted is None or wanted == own or (major and first_number(wanted) == first_number(own)):
        return
    raise ProjectError(
        f"{FILE}: pins {NAME} {wanted}, and {own} is installed; install it: "
        f"uv pip install --require-hashes --requirement {FILE}"
    )


def first_number(text: str) -> str:
    """Returns the major version of a version."""
    return text.partition(".")[0]
