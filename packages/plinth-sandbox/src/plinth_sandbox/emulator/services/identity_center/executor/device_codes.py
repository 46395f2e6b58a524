"""The device authorization grant: codes of clients that wait until a person has allowed them on another page.

Nothing of it is in the journal. The codes end with the process that issued them.

Sources: IAM Identity Center OIDC API Reference, StartDeviceAuthorization and CreateToken; RFC 8628 (read 2026-11-30).
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from plinth_sandbox.emulator.call import AwsError

SECONDS = 600
"""Seconds in which a person can allow a client."""
INTERVAL_SECONDS = 1
"""Seconds between two questions of a client, as AWS names them in its answers."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Letters of user codes: no vowels, so that they are no words (RFC 8628, section 6.1)."""


@dataclass(slots=True)
class Device:
    """A client that waits for a person."""

    client: str
    """Id of the client."""
    user_code: str
    expires: float
    user: str | None = None
    """User name of whoever has allowed the client; None before."""


@dataclass(slots=True)
class DeviceCodes:
    """The clients that wait, by their device codes."""

    now: Callable[[], float] = time.time
    _waiting: dict[str, Device] = field(default_factory=dict)

    def begin(self, client: str) -> tuple[str, Device]:
        """Returns a new device code of a client, and what waits."""
        now = self.now()
        self._waiting = {code: pending for code, pending in self._waiting.items() if pending.expires > now}
        letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
        code, device = secrets.token_urlsafe(32), Device(client, f"{letters[:4]}-{letters[4:]}", now + SECONDS)
        self._waiting[code] = device
        return code, device

    def with_user_code(self, user_code: str) -> Device | None:
        """Returns the client that waits with a user code; None of a code that is not known or has expired."""
        given = user_code.strip().upper().encode()
        waiting = (device for device in self._waiting.values() if device.user is None and device.expires > self.now())
        return next((device for device in waiting if hmac.compare_digest(device.user_code.encode(), given)), None)

    def redeem(self, client: str, code: str) -> str | None:
        """Returns who has allowed a client, once; None of a code that is not the client's.

        Raises: AwsError before a person has allowed it, and of a code that has expired.
        """
        device = self._waiting.get(code)
        if device is None or device.client != client:
            return None
        if device.expires <= self.now():
            raise AwsError("ExpiredTokenException", "Device code expired", error="expired_token")
        if device.user is None:
            raise AwsError("AuthorizationPendingException", "", error="authorization_pending")
        del self._waiting[code]
        return device.user
