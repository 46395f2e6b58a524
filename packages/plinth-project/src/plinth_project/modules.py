"""Modules of the repository that the library reads. They are loaded by their path, because the library is installed
apart from the repository, and because the file name of a pipeline is no module name."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plinth_project.documents import ProjectError


def load(root: Path, place: str) -> Any:
    """Returns the module at a place in the repository. Raises ProjectError if it is missing."""
    file = root / place
    name = f"repository_{re.sub(r'[^a-z0-9]+', '_', place.lower())}"
    specification = importlib.util.spec_from_file_location(name, file)
    if specification is None or specification.loader is None or not file.exists():
        raise ProjectError(f"{place}: missing")
    module: Any = importlib.util.module_from_spec(specification)
    # Dataclasses look their module up.
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


@contextlib.contextmanager
def importable(folder: Path) -> Iterator[None]:
    """Lets modules of the repository import those in a folder."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
