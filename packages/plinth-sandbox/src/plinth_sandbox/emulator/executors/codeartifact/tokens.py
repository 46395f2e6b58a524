"""Authorization tokens, which package managers present as a password: JSON Web Tokens that the sandbox signs.

At AWS they are opaque. Here a token names the access key that asked for it, whose permissions decide later.

Source: CodeArtifact User Guide, "AWS CodeArtifact authentication and tokens" (read 2026-11-26).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.credentials import management_secret
from plinth_sandbox.emulator.executors.web_tokens import MalformedTokenError, WebToken

SHORTEST_SECONDS, LONGEST_SECONDS = 900, 43_200
_HEAD = {"alg": "HS256", "typ": "JWT"}


@dataclass(frozen=True, slots=True)
class Token:
    """The content of a token."""

    access_key: str
    domain_arn: str
    expires: int
    """Seconds since 1970."""


def expiry(duration: int | None, session_ends: float | None) -> int:
    """Returns the end of a new token: after ``duration`` seconds (12 hours by default), or with 0 at the end of the
    session.

    Raises: AwsError for a duration that AWS refuses.
    """
    now = int(time.time())
    if duration == 0:
        return int(session_ends) if session_ends is not None else now + LONGEST_SECONDS
    if duration is not None and not SHORTEST_SECONDS <= duration <= LONGEST_SECONDS:
        message = f"durationSeconds must be 0, or between {SHORTEST_SECONDS} and {LONGEST_SECONDS}."
        raise AwsError("ValidationException", message)
    return now + (LONGEST_SECONDS if duration is None else duration)


def issue(token: Token, directory: Path) -> str:
    """Returns the text of a token that the sandbox in a directory verifies."""
    claims = {"sub": token.access_key, "aud": token.domain_arn, "exp": token.expires}
    signed = ".".join(_encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (_HEAD, claims))
    return f"{signed}.{_encoded(_signature(signed.encode(), directory))}"


def verify(text: str, domain_arn: str, directory: Path) -> Token | None:
    """Returns the content of a token, or None if it is of no domain of this ARN, expired, or not signed here."""
    try:
        token = WebToken.parse(text)
    except MalformedTokenError:
        return None
    if not hmac.compare_digest(token.signature, _signature(token.signed, directory)):
        return None
    content = Token(str(token.claims["sub"]), str(token.claims["aud"]), int(token.claims["exp"]))
    return content if content.domain_arn == domain_arn and content.expires > time.time() else None


def _signature(signed: bytes, directory: Path) -> bytes:
    key = f"codeartifact {management_secret(directory)}".encode()
    return hmac.digest(key, signed, hashlib.sha256)


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
