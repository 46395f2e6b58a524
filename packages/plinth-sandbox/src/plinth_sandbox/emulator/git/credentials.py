"""Credentials of CodeCommit for git over HTTPS: a user name and a password that an access key signs.

The user name is the access key id, followed by ``%`` and the session token of a session. The password is a moment and a
Signature Version 4 of the repository's address, as ``aws codecommit credential-helper`` makes it
(awscli/customizations/codecommit.py, read 2026-11-22).
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta

from plinth_sandbox.emulator.signature import signature

_PASSWORD = re.compile(r"(?P<moment>\d{8}T\d{6})Z(?P<signature>[0-9a-f]{64})")
_FORMAT = "%Y%m%dT%H%M%S"
VALID = timedelta(minutes=15)
"""Time for which CodeCommit accepts a password (CodeCommit User Guide, "Troubleshooting the credential helper")."""


def password(secret: str, region: str, host: str, path: str, moment: datetime) -> str:
    """Returns the password for the repository at ``https://<host><path>``."""
    text = moment.strftime(_FORMAT)
    return f"{text}Z{_signed(secret, region, host, path, text)}"


def is_password(given: str, secret: str, region: str, host: str, path: str) -> bool:
    """Returns whether the holder of ``secret`` made the password for this address in the last minutes."""
    found = _PASSWORD.fullmatch(given)
    if found is None:
        return False
    signed_at = datetime.strptime(found["moment"], _FORMAT).replace(tzinfo=UTC)
    is_recent = abs(datetime.now(UTC) - signed_at) <= VALID
    return is_recent and hmac.compare_digest(_signed(secret, region, host, path, found["moment"]), found["signature"])


def _signed(secret: str, region: str, host: str, path: str, moment: str) -> str:
    request = f"GIT\n{path}\n\nhost:{host}\n\nhost\n"
    return signature(secret, f"key/{moment[:8]}/{region}/codecommit/aws4_request", moment, request)
