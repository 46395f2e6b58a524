"""Directories and files that only their owner can read, from the moment they exist."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

_OTHERS = 0o077
_DIRECTORY = 0o700
_FILE = 0o600


def private_directory(path: Path) -> None:
    """Creates a directory for its owner alone. One that others could enter is closed to them."""
    path.mkdir(mode=_DIRECTORY, parents=True, exist_ok=True)
    if path.stat().st_mode & _OTHERS:
        path.chmod(_DIRECTORY)


def private_file(path: Path, mode: str) -> IO[Any]:
    """Opens an empty file for writing, for its owner alone if it is created."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE), mode)
