"""Passwords of people, which the owner of the sandbox can tell."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path

from plinth_sandbox.emulator.credentials import management_secret

_BYTES = 10


def password_of(user: str, directory: Path) -> str:
    """Returns the password of a user of the sandbox in a directory."""
    digest = hmac.digest(management_secret(directory).encode(), f"password of {user}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:_BYTES]).decode().lower()
