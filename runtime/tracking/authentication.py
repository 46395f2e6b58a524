"""Admits requests of clients whose IAM role is in the settings, and no others."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from typing import Any

from runtime.tracking.client_tokens import InvalidTokenError, caller_of

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN_PATHS = frozenset({"/health"})
"""Paths that answer everybody: the probes of the cluster have no role. They show nothing of any run."""
_KEPT_SECONDS = 60.0
"""Time for which a verified token is not verified again."""
_MOST_KEPT = 10_000


class Clients:
    """The roles of the clients of a server."""

    def __init__(self, roles: Collection[str], server: str, sts_url: str) -> None:
        """``roles`` are ARNs. Sessions show no path, so only account and name count."""
        self._roles = {_without_path(role) for role in roles}
        self._server, self._sts_url = server, sts_url
        self._kept: dict[str, tuple[float, str]] = {}

    def name_of(self, token: str) -> str:
        """Returns the role and the session of a client. Raises InvalidTokenError if it is none."""
        kept = self._kept.get(token)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        role, session = caller_of(token, self._server, self._sts_url)
        if role not in self._roles:
            raise InvalidTokenError(f"{role} is not a client of this server")
        name = f"{role}/{session}"
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[token] = (time.monotonic() + _KEPT_SECONDS, name)
        return name


def _without_path(role: str) -> str:
    prefix, _, name = role.partition(":role/")
    return f"{prefix}:role/{name.rpartition('/')[2]}"


class Authenticated:
    """An ASGI application that passes on requests of clients only."""

    def __init__(self, application: Application, clients: Clients) -> None:
        self._application, self._clients = application, clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and scope["path"] in OPEN_PATHS):
            await self._application(scope, receive, send)
            return
        try:
            await asyncio.to_thread(self._clients.name_of, _token_in(dict(scope.get("headers") or [])))
        except (InvalidTokenError, OSError) as error:
            log.warning("refused: %s", error)
            await _refuse(scope, send)
            return
        await self._application(scope, receive, send)


def _token_in(headers: Mapping[bytes, bytes]) -> str:
    kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token if kind.lower() == "bearer" else ""


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b'{"error_code": "UNAUTHENTICATED", "message": "a token of a role of the settings is required"}'
    headers = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})
