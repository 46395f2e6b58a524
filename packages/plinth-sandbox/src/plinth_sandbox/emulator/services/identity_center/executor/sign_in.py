"""Sign-in of people: clients, authorization codes and access tokens, as tokens that the sandbox signs.

Nothing of it is in the journal. A code is used once, and ends with the process that issued it.

Sources: IAM Identity Center OIDC API Reference, RegisterClient and CreateToken; RFC 6749, 7636 and 8252
(read 2026-11-29).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from plinth_sandbox.emulator.services.identity_center.executor.device_codes import DeviceCodes
from plinth_sandbox.emulator.services.sts.executor import own_tokens

CLIENT_SECONDS = 90 * 86_400
TOKEN_SECONDS = 8 * 3600
REFRESH_SECONDS = 90 * 86_400
_CODE_SECONDS = 600
_CLIENT, _SECRET, _CODE, _ACCESS, _REFRESH = (
    f"identity-center {kind}" for kind in ("client", "secret", "code", "access", "refresh")
)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client."""

    id: str
    redirects: Sequence[str]
    grants: Sequence[str]

    def admits(self, redirect: str) -> bool:
        """Returns whether an answer may go to an address. The client chooses the port (RFC 8252)."""
        return any(_without_port(registered) == _without_port(redirect) for registered in self.redirects)


@dataclass(slots=True)
class SignIn:
    """The clients, codes and tokens of the sandbox in a directory."""

    directory: Path
    devices: DeviceCodes = field(default_factory=DeviceCodes)
    _used: set[str] = field(default_factory=set)
    """Codes that a client has used."""
    _of_process: str = field(default_factory=lambda: secrets.token_hex(8))

    def register(self, redirects: Sequence[str], grants: Sequence[str]) -> tuple[str, str]:
        """Returns the id and the secret of a new client."""
        expires = int(time.time()) + CLIENT_SECONDS
        claims = {"redirects": list(redirects), "grants": list(grants), "exp": expires, "id": secrets.token_hex(8)}
        id_ = own_tokens.issue(_CLIENT, claims, self.directory)
        return id_, own_tokens.issue(_SECRET, {"client": _digest(id_), "exp": expires}, self.directory)

    def client(self, id_: str) -> Client | None:
        claims = own_tokens.verify(id_, _CLIENT, self.directory)
        return None if claims is None else Client(id_, claims["redirects"], claims["grants"])

    def proves(self, client: Client, secret: str) -> bool:
        """Returns whether a secret is that of the client."""
        claims = own_tokens.verify(secret, _SECRET, self.directory)
        return claims is not None and claims["client"] == _digest(client.id)

    def code(self, client: Client, user: str, redirect: str, challenge: str) -> str:
        """Returns the code with which a client gets tokens of a person who has signed in."""
        claims = {
            "sub": user,
            "client": _digest(client.id),
            "redirect": redirect,
            "challenge": challenge,
            "process": self._of_process,
            "jti": secrets.token_hex(8),
            "exp": int(time.time()) + _CODE_SECONDS,
        }
        return own_tokens.issue(_CODE, claims, self.directory)

    def exchange(self, client: Client, code: str, redirect: str, verifier: str) -> str | None:
        """Returns the user of a code that this client may use, once; None of any other code."""
        claims = own_tokens.verify(code, _CODE, self.directory)
        if claims is None or claims["process"] != self._of_process or claims["jti"] in self._used:
            return None
        fits = claims["client"] == _digest(client.id) and claims["redirect"] == redirect
        if not fits or not hmac.compare_digest(str(claims["challenge"]), _challenge(verifier)):
            return None
        self._used.add(str(claims["jti"]))
        return str(claims["sub"])

    def refreshed(self, client: Client, token: str) -> str | None:
        """Returns the user of a refresh token of this client; None of any other token."""
        claims = own_tokens.verify(token, _REFRESH, self.directory)
        return str(claims["sub"]) if claims is not None and claims["client"] == _digest(client.id) else None

    def tokens(self, client: Client, user: str) -> dict[str, Any]:
        """Returns the tokens of a person for a client, as the answer of CreateToken."""
        now = int(time.time())
        access = {"sub": user, "jti": secrets.token_hex(8), "exp": now + TOKEN_SECONDS}
        refresh = {"sub": user, "client": _digest(client.id), "exp": now + REFRESH_SECONDS}
        answer = {
            "accessToken": own_tokens.issue(_ACCESS, access, self.directory),
            "tokenType": "Bearer",
            "expiresIn": TOKEN_SECONDS,
        }
        if "refresh_token" in client.grants:
            answer["refreshToken"] = own_tokens.issue(_REFRESH, refresh, self.directory)
        return answer


def holder_of(token: str, directory: Path) -> Mapping[str, Any] | None:
    """Returns the claims of an access token, ``sub`` (the user) and ``jti`` (the token's id); None of another text."""
    return own_tokens.verify(token, _ACCESS, directory)


def is_loopback(address: str) -> bool:
    """Returns whether an address is one of this machine, without encryption."""
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname in _LOOPBACK


def _without_port(address: str) -> tuple[str, str | None, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.path


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
