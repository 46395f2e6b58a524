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
_SERVICE_KEY = "AKIAPLINTHSERVICE"
_SECRET = "management-secret"


def service_key(service: str) -> str:
    """Returns the access key with which an AWS service, such as ``sagemaker``, opens sessions of roles for its runs.
    Its secret is the one of the management account."""
    return f"{_SERVICE_KEY}{service.upper()}"


def service_of(access_key: str) -> str | None:
    """Returns the service principal to which an access key belongs, or None if it belongs to no service."""
    name = access_key.removeprefix(_SERVICE_KEY)
    return None if name == access_key else f"{name.lower()}.amazonaws.com"


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
