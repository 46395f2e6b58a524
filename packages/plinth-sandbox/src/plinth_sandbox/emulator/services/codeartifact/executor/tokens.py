"""Authorization tokens, which package managers present as a password: JSON Web Tokens that the sandbox signs.

At AWS they are opaque. Here a token names the access key that asked for it, whose permissions decide later.

Source: CodeArtifact User Guide, "AWS CodeArtifact authentication and tokens" (read 2026-11-26).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.services.sts.executor import own_tokens

SHORTEST_SECONDS, LONGEST_SECONDS = 900, 43_200
_PURPOSE = "codeartifact"


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
    return own_tokens.issue(_PURPOSE, claims, directory)


def verify(text: str, domain_arn: str, directory: Path) -> Token | None:
    """Returns the content of a token, or None if it is of no domain of this ARN, expired, or not signed here."""
    claims = own_tokens.verify(text, _PURPOSE, directory)
    if claims is None or claims["aud"] != domain_arn:
        return None
    return Token(str(claims["sub"]), str(claims["aud"]), int(claims["exp"]))
