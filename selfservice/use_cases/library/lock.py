"""Writes the version and the hash of the library into the requirements of the templates:
``python -m selfservice.use_cases.library.lock``.

A repository installs the library by hash, as everything else, so each change of its source changes the lock.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
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
    return [name for name, text in _written(root, wheel) if (root / name).read_text(encoding="utf-8") != text]


def write(root: Path, wheel: Wheel) -> list[str]:
    """Writes version and hash of a wheel, and returns the files that changed."""
    changed = [(name, text) for name, text in _written(root, wheel) if (root / name).read_text() != text]
    for name, text in changed:
        (root / name).write_text(text, encoding="utf-8")
    return [name for name, _ in changed]


def _written(root: Path, wheel: Wheel) -> Iterator[tuple[str, str]]:
    locked = f"{wheel.requirement} \\\n    --hash=sha256:{wheel.sha256}"
    patterns = {LOCK: (_LOCKED, locked), **dict.fromkeys(REQUIREMENTS, (_PINNED, wheel.requirement))}
    for name, (pattern, replacement) in patterns.items():
        text = (root / name).read_text(encoding="utf-8")
        found = pattern.findall(text)
        if len(found) != 1:
            raise ValueError(f"{name}: names {NAME} {len(found)} times; it has to name it once")
        yield name, text.replace(found[0], replacement)


def main() -> None:
    root = Path(__file__).resolve().parents[3]
    with TemporaryDirectory() as folder:
        for name in write(root, build_wheel(root / FOLDER, Path(folder))):
            sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
