"""The files of a function on this machine: its code, its layers, and the packages that AWS's runtime brings."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

PACKAGES = (
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "s3transfer",
    "simplejson",
    "six",
    "snapshot_restore_py",
    "urllib3",
)
"""Packages of AWS's Python runtime (Lambda Developer Guide, "Runtime-included SDK versions", read 2026-11-22). A
function brings all others."""
_FOLDER = "functions"


def code_folder(directory: Path, archive: bytes) -> Path:
    """Returns the folder with the files of a zip archive. Raises zipfile.BadZipFile."""
    folder = directory / _FOLDER / "code" / hashlib.sha256(archive).hexdigest()
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # Whoever comes second finds a complete folder.
        draft = Path(tempfile.mkdtemp(dir=folder.parent))
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            opened.extractall(draft)
        _move(draft, folder)
    return folder


def runtime_folder(directory: Path) -> Path:
    """Returns a folder with the packages of the runtime and nothing else."""
    folder = directory / _FOLDER / "runtime"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=folder.parent))
        for name in PACKAGES:
            found = importlib.util.find_spec(name)
            assert found is not None, name
            origin = Path(str(found.origin))
            source = origin.parent if origin.name == "__init__.py" else origin
            (draft / source.name).symlink_to(source)
        _move(draft, folder)
    return folder


def python_path(directory: Path, code: bytes, layers: tuple[bytes, ...]) -> list[Path]:
    """Returns the folders from which a function imports, in the order of AWS's runtime."""
    opened = [code_folder(directory, layer) for layer in layers]
    in_layers = [folder / "python" for folder in opened if (folder / "python").is_dir()]
    return [code_folder(directory, code), *in_layers, runtime_folder(directory)]


def _move(draft: Path, folder: Path) -> None:
    try:
        os.rename(draft, folder)  # noqa: PTH104 (Path.replace would follow other rules for folders)
    except OSError:
        shutil.rmtree(draft)
        if not folder.exists():
            raise
