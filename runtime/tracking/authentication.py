"""Admits requests of clients whose IAM role is in the settings, and no others, each in the workspace of its role."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from runtime.tracking.client_tokens import InvalidTokenError, caller_of
from runtime.tracking.workspaces import ForeignWorkspaceError, NotServedError, Scope, in_workspace

log = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

OPEN_PATHS = frozenset({"/health"})
"""Paths that answer everybody: the probes of the cluster have no role. They show nothing of any run."""
_KEPT_SECONDS = 60.0
"""Time for which a verified token is not verified again."""
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody with a role of the settings."""

    name: str
    """ARN of the role, and the session."""
    workspace: str


class Clients:
    """The roles of the clients of a server."""

    def __init__(self, roles: Mapping[str, Collection[str]], server: str, sts_url: str) -> None:
        """``roles`` are ARNs by workspace. Sessions show no path, so only account and name count."""
        self._workspaces = {_without_path(role): workspace for workspace, own in roles.items() for role in own}
        self._server, self._sts_url = server, sts_url
        self._kept: dict[str, tuple[float, Client]] = {}

    def client_of(self, token: str) -> Client:
        """Returns the client who signed a token. Raises InvalidTokenError if it is none."""
        kept = self._kept.get(token)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        role, session = caller_of(token, self._server, self._sts_url)
        if role not in self._workspaces:
            raise InvalidTokenError(f"{role} is not a client of this server")
        client = Client(f"{role}/{session}", self._workspaces[role])
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[token] = (time.monotonic() + _KEPT_SECONDS, client)
        return client


def _without_path(role: str) -> str:
    prefix, _, name = role.partition(":role/")
    return f"{prefix}:role/{name.rpartition('/')[2]}"


class Authenticated:
    """An ASGI application that passes on requests of clients only, in their workspaces."""

    def __init__(self, application: Application, clients: Clients) -> None:
        self._application, self._clients = application, clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and scope["path"] in OPEN_PATHS):
            await self._application(scope, receive, send)
            return
        try:
            client = await asyncio.to_thread(self._clients.client_of, _token_in(dict(scope.get("headers") or [])))
        except (InvalidTokenError, OSError) as error:
            log.warning("refused: %s", error)
            await _refuse(scope, send, 401, "UNAUTHENTICATED", "a token of a role of the settings is required")
            return
        try:
            own = in_workspace(scope, client.workspace)
        except ForeignWorkspaceError as error:
            log.warning("refused %s: %s", client.name, error)
            await _refuse(scope, send, 403, "PERMISSION_DENIED", str(error))
            return
        except NotServedError as error:
            await _refuse(scope, send, 501, "NOT_IMPLEMENTED", str(error))
            return
        await self._application(own, receive, send)


def _token_in(headers: Mapping[bytes, bytes]) -> str:
    kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token if kind.lower() == "bearer" else ""


async def _refuse(scope: Scope, send: Send, status: int, code: str, message: str) -> None:
    if scope["type"] != "http":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"application/json"), *([(b"www-authenticate", b"Bearer")] if status == 401 else [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"error_code": code, "message": message}).encode()})
