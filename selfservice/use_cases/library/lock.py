"""Writes the version and the hash of the library into the requirements of the templates:
``python -m selfservice.use_cases.library.lock``.

A repository installs the library by hash, as everything else, so each change of its source changes the lock.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from selfservice.use_cases.library.wheel import FOLDER, NAME, Wheel, build_wheel

COMMAND = "make library"
LOCK = "templates/build/requirements.txt"
"""Lock of both templates. That of the deployment repository is a link to it."""
REQUIREMENTS = ("templates/build/requirements.in", "templates/deployment/requirements.in")
_PINNED = re.compile(rf"^{NAME}==\S+", re.MULTILINE)
_LOCKED = re.compile(rf"^{NAME}==\S+ \\\n +--hash=sha256:[0-9a-f]{{64}}$", re.MULTILINE)


def outdated(root: Path, wheel: Wheel) -> list[str]:
    """Returns the files of the templates that name another wheel."""
    return list(_changes(root, wheel))


def write(root: Path, wheel: Wheel) -> list[str]:
    """Writes version and hash of a wheel, and returns the files that changed."""
    changes = _changes(root, wheel)
    for name, text in changes.items():
        (root / name).write_text(text, encoding="utf-8")
    return list(changes)


def _changes(root: Path, wheel: Wheel) -> dict[str, str]:
    """Returns the new text of each file of the templates that names another wheel."""
    changes = {}
    locked = f"{wheel.requirement} \\\n    --hash=sha256:{wheel.sha256}"
    patterns = {LOCK: (_LOCKED, locked), **dict.fromkeys(REQUIREMENTS, (_PINNED, wheel.requirement))}
    for name, (pattern, replacement) in patterns.items():
        text = (root / name).read_text(encoding="utf-8")
        found = pattern.findall(text)
        if len(found) != 1:
            raise ValueError(f"{name}: names {NAME} {len(found)} times; it has to name it once")
        if found[0] != replacement:
            changes[name] = text.replace(found[0], replacement)
    return changes


def main() -> None:
    root = Path(__file__).resolve().parents[3]
    with TemporaryDirectory() as folder:
        for name in write(root, build_wheel(root / FOLDER, Path(folder))):
            sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
