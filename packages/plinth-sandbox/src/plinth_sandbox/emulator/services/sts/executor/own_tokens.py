"""JSON Web Tokens that the sandbox signs itself, each for one purpose. A token of one purpose is not one of another."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plinth_sandbox.emulator.credentials import management_secret
from plinth_sandbox.emulator.services.sts.executor.web_tokens import MalformedTokenError, WebToken

_HEAD = {"alg": "HS256", "typ": "JWT"}


def issue(purpose: str, claims: Mapping[str, Any], directory: Path) -> str:
    """Returns the text of a token that the sandbox in a directory verifies. ``claims`` contain its end as ``exp``, in
    seconds since 1970."""
    signed = ".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (_HEAD, claims))
    return f"{signed}.{_encoded(_signature(purpose, signed.encode(), directory))}"


def verify(text: str, purpose: str, directory: Path) -> Mapping[str, Any] | None:
    """Returns the claims of a token, or None if it has another purpose, has expired, or was not signed here."""
    try:
        token = WebToken.parse(text)
    except MalformedTokenError:
        return None
    if not hmac.compare_digest(token.signature, _signature(purpose, token.signed, directory)):
        return None
    return token.claims if int(token.claims["exp"]) > time.time() else None


def _signature(purpose: str, signed: bytes, directory: Path) -> bytes:
    key = f"{purpose} {management_secret(directory)}".encode()
    return hmac.digest(key, signed, hashlib.sha256)


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
