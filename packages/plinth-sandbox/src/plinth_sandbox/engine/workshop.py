"""A temporary directory in which a program is made beside the finished ones, which are renamed into place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKSHOP_PREFIX = ".unfinished-"


@contextmanager
def workshop(cache: Path) -> Iterator[Path]:
    """Yields a temporary directory in ``cache`` and removes it afterwards. Also removes those of killed runs."""
    for left_over in cache.glob(f"{WORKSHOP_PREFIX}*"):
        shutil.rmtree(left_over, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix=WORKSHOP_PREFIX, dir=cache))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
