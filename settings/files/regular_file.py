"""Reads small files fast: an organization of a thousand teams has ten thousand, and each program reads them all."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def regular_file(path: str, *, max_bytes: int) -> bytes | None:
    """What a file holds, cut one byte after ``max_bytes``; None where there is no file, or something else.

    Raises: OSError when it cannot be read.
    """
    try:
        # Opening a pipe would wait for whoever writes to it.
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
