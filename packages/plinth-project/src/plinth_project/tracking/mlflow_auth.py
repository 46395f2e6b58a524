"""A plug-in of MLflow's client, which adds a fresh token to each request.

MLflow finds it by its entry point, and uses it where ``MLFLOW_TRACKING_AUTH`` is ``plinth`` (MLflow, "Plugins", read
2026-12-01). It imports neither MLflow nor an HTTP library.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, MutableMapping
from datetime import timedelta
from typing import Protocol, TypeVar

from plinth_project.tracking.tokens import LIFETIME, client_token, own_session

NAME = "plinth"
SERVER_VARIABLE = "PLINTH_TRACKING_SERVER"
"""Environment variable with the name of the server, which tokens contain."""
_RENEWED_AFTER = LIFETIME - timedelta(minutes=5)
"""Age at which a token is replaced, so that one that is on its way does not expire."""


class Request(Protocol):
    """A request that is about to be sent."""

    @property
    def headers(self) -> MutableMapping[str, str]: ...


Sent = TypeVar("Sent", bound=Request)


class Tokens:
    """Adds the token of the current role to requests. A new one is signed when the last is 10 minutes old."""

    def __init__(self, server: str, now: Callable[[], float] = time.monotonic) -> None:
        self._server, self._now, self._session = server, now, own_session()
        self._signed: tuple[float, str] | None = None

    def __call__(self, request: Sent) -> Sent:
        now = self._now()
        if self._signed is None or now - self._signed[0] >= _RENEWED_AFTER.total_seconds():
            self._signed = (now, client_token(self._session, self._server))
        request.headers["Authorization"] = f"Bearer {self._signed[1]}"
        return request


class RoleAuth:
    """The provider of MLflow's plug-in. Its methods are those of MLflow's ``RequestAuthProvider``."""

    def get_name(self) -> str:
        return NAME

    def get_auth(self) -> Tokens:
        server = os.environ.get(SERVER_VARIABLE)
        if not server:
            raise ValueError(f"{SERVER_VARIABLE} is missing; set it to the name of the tracking server")
        return Tokens(server)
