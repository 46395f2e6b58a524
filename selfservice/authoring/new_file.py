"""Creates files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from selfservice.errors import BadInputError


def create(file: Path, text: str) -> None:
    """Writes a new file under a temporary name and then links it to its own, which fails if that is taken.

    Raises: BadInputError if the file exists or its folder cannot be written.
    """
    try:
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=".draft-")
    except OSError as error:
        raise BadInputError(f"{file.parent} cannot be written ({error.strerror}): check its owner and mode") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(draft).chmod(0o644)
        os.link(draft, file)
    except FileExistsError:
        raise BadInputError(f"{file} exists already; nothing was written") from None
    finally:
        Path(draft).unlink()


def replace_file(file: Path, text: str) -> None:
    """Writes a file whole or not at all, whether it exists or not."""
    descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=".draft-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(draft).chmod(0o644)
    Path(draft).replace(file)
