"""Builds the wheel of the library. One source gives one wheel, byte for byte, on every machine and Python.

Files in the wheel have no time and are not compressed: versions of zlib compress differently (zlib-ng, which some
distributions of Python use, among them).
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from selfservice.errors import BadInputError
from settings.organization.packages import LIBRARY

FOLDER = "packages/plinth-project"
"""Folder of the program that contains the library."""
NAME = LIBRARY
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Earliest time that a ZIP file can contain."""
_UNIX = 3
"""System whose permissions the files have (PKWARE, APPNOTE.TXT, 4.4.2)."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """The wheel of a version of the library."""

    file: Path
    version: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    @property
    def requirement(self) -> str:
        return f"{NAME}=={self.version}"


def library_wheel(program: Path, target: Path) -> Wheel:
    """Builds the wheel of the library of a program. Raises: BadInputError if the program was installed without it."""
    folder = program / FOLDER
    if not (folder / "pyproject.toml").is_file():
        raise BadInputError(f"{folder} has no library; use a clone of the program")
    return build_wheel(folder, target)


def build_wheel(folder: Path, target: Path, version: str | None = None) -> Wheel:
    """Builds the wheel of the library in ``folder`` and writes it to the folder ``target``, which is created.

    ``version`` replaces that of the source.
    """
    from flit_core.wheel import make_wheel_in

    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="plinth-library-") as temporary:
        description = folder / "pyproject.toml"
        if version is not None:
            description = _copied(folder, Path(temporary) / "source", version)
        built = make_wheel_in(description, Path(temporary)).file
        file = target / built.name
        _rewrite(built, file)
    return Wheel(file=file, version=version or version_of(folder))


def version_of(folder: Path) -> str:
    """Returns the version of the library in a folder."""
    return str(tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def _copied(folder: Path, copy: Path, version: str) -> Path:
    """Copies the library with another version, and returns the description of the copy."""
    shutil.copytree(folder / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "pyproject.toml").read_text(encoding="utf-8")
    description = copy / "pyproject.toml"
    description.write_text(re.sub(r'^version = ".*"$', f'version = "{version}"', text, count=1, flags=re.MULTILINE))
    return description


def _rewrite(source: Path, target: Path) -> None:
    """Writes the files of a wheel without their times and without compression."""
    with ZipFile(source) as given, ZipFile(target, "w", ZIP_STORED) as written:
        for member in given.infolist():
            file = ZipInfo(member.filename, _EARLIEST)
            file.create_system, file.external_attr = _UNIX, member.external_attr
            written.writestr(file, given.read(member))
