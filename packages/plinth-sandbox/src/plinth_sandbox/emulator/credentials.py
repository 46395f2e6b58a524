"""Credentials of the management account. Its secret is random, and in a file that only its owner reads.

Whoever has it can assume every role, as the administrator of an organization can.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from plinth_sandbox.private import private_file

MANAGEMENT_KEY_ID = "AKIAPLINTHSANDBOX000"
_SECRET = "management-secret"


def management_secret(directory: Path) -> str:
    """Returns the secret access key of the management account, and creates it for a new directory."""
    file = directory / _SECRET
    if not file.exists():
        # A link appears with its content, so that nobody reads an empty file and nobody replaces a secret in use.
        draft = directory / f"{_SECRET}.{os.getpid()}"
        with private_file(draft, "w") as opened:
            opened.write(secrets.token_urlsafe(30))
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(draft)
        draft.unlink()
    return file.read_text()


def management_keys(directory: Path) -> dict[str, str]:
    """Returns the credentials of the management account as environment variables."""
    return {"AWS_ACCESS_KEY_ID": MANAGEMENT_KEY_ID, "AWS_SECRET_ACCESS_KEY": management_secret(directory)}
