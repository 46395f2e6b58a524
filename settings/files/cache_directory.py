"""Where this machine keeps what it knows about valid settings, and the digest of the code that validated them."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import pydantic
import yaml

CACHE_DIRECTORY_VARIABLE = "PLINTH_CACHE_DIR"


def cache_file(project_directory: Path, folder: str) -> Path:
    """Returns the file of a project directory in a folder of the cache."""
    named = os.environ.get(CACHE_DIRECTORY_VARIABLE)
    if named:
        base = Path(named)
    else:
        from platformdirs import user_cache_path

        base = user_cache_path("plinth")
    place = hashlib.sha256(str(project_directory.resolve()).encode()).hexdigest()[:16]
    return base / folder / f"{place}.json"


def code_digest() -> bytes:
    """Returns a digest of the validating code: this package and the versions of its libraries."""
    root = Path(sys.modules["settings"].__path__[0])
    digest = hashlib.sha256(f"{sys.version} {pydantic.VERSION} {yaml.__version__}".encode())
    for module in sorted(root.rglob("*.py")):
        digest.update(f"{module.relative_to(root)} {module.stat().st_size} ".encode())
        digest.update(module.read_bytes())
    return digest.digest()
