"""Reads small files fast. An organization of 1,000 teams has 10,000 files, and each program reads all of them."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def regular_file(path: str, *, max_bytes: int) -> bytes | None:
    """Returns at most ``max_bytes`` + 1 bytes of a file, or None if there is no regular file.

    Raises: OSError if the file cannot be read.
    """
    try:
        # Without O_NONBLOCK, opening a pipe would block until a writer opens it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        if Path(path).is_file():
            raise
        return None
    try:
        status = os.fstat(descriptor)
        return _read(descriptor, min(status.st_size, max_bytes) + 1) if stat.S_ISREG(status.st_mode) else None
    finally:
        os.close(descriptor)


def _read(descriptor: int, max_bytes: int) -> bytes:
    content = os.read(descriptor, max_bytes)
    while len(content) < max_bytes and (more := os.read(descriptor, max_bytes - len(content))):
        content += more
    return content
