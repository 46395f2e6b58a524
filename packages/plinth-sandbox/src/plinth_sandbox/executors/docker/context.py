"""The context of the build of an image: the files that ``.dockerignore`` keeps, and archives that ``ADD`` unpacks."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Sequence
from pathlib import Path

from docker.utils.build import PatternMatcher

_IGNORE = ".dockerignore"


def context_of(folder: Path, dockerfile: Path, place: Path) -> Path:
    """Returns the folder that instructions copy from: the context itself, or what is left of it in ``place``.

    The patterns are in ``<dockerfile>.dockerignore`` beside the dockerfile, or in ``.dockerignore`` of the context.
    """
    files = (dockerfile.with_name(f"{dockerfile.name}{_IGNORE}"), folder / _IGNORE)
    listed = next((file for file in files if file.is_file()), None)
    if listed is None:
        return folder
    lines = (line.strip() for line in listed.read_text(encoding="utf-8").splitlines())
    place.mkdir()
    for path in sorted(PatternMatcher([line for line in lines if line and not line.startswith("#")]).walk(str(folder))):
        _copy(folder / path, place / path)
    return place


def unpacked(folder: Path, paths: Sequence[str], place: Path) -> list[str]:
    """Copies what ``ADD`` names in a folder to ``place``, archives as folders of their content. Returns the paths."""
    added = []
    for number, path in enumerate(paths):
        source, target = folder / path, place / str(number)
        target.mkdir()
        if source.is_file() and tarfile.is_tarfile(source):
            with tarfile.open(source) as archive:
                archive.extractall(target)
            added.append(str(number))
        else:
            _copy(source, target / source.name)
            added.append(f"{number}/{source.name}")
    return added


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():
        target.mkdir(exist_ok=True)
        shutil.copymode(source, target)
    else:
        shutil.copy2(source, target, follow_symlinks=False)
