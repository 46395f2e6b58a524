"""A client of the Kubernetes API for the few requests that operations in a cluster need."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

REFUSAL_SECONDS = 60.0
"""Time after which a refusal of the API is final. An API server that has just started refuses what RBAC allows until it
has read the roles."""
_TIMEOUT_SECONDS = 30
_ENDED = ("Succeeded", "Failed")
"""Phases of pods in which no container runs or starts again (Kubernetes documentation, "Pod Lifecycle")."""


class UnreachableApiError(Exception):
    """The Kubernetes API gave no answer, or one that tells nothing about the object."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the API, also one that refuses the request."""

    code: int
    body: Mapping[str, Any]


def has_ended(pod: Mapping[str, Any]) -> bool:
    """Returns whether all containers of a pod have ended and none starts again."""
    return pod.get("status", {}).get("phase") in _ENDED


@dataclass(frozen=True, kw_only=True, slots=True)
class KubernetesApi:
    """The API of one cluster, called with the tokens of one principal."""

    endpoint: str
    """URL of the API."""
    authority: str | None
    """Certificate of the authority that signed the API's certificate; None for plain HTTP."""
    token: Callable[[], str]
    """Returns a valid token. It is called for each request, because tokens expire."""

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Sends one request and returns its answer. A PATCH merges the body into the object (RFC 7386).

        Raises: UnreachableApiError if the API does not answer, or cannot answer at the moment.
        """
        answer = self._send(method, path, None if body is None else json.dumps(body).encode())
        try:
            return Answer(answer[0], json.loads(answer[1]))
        except ValueError as error:
            raise UnreachableApiError(f"{method} {path}: {error}") from error

    def text(self, path: str) -> str | None:
        """Returns a text, such as the log of a pod; None if there is none yet. Raises: UnreachableApiError."""
        code, content = self._send("GET", path, None)
        return content.decode(errors="replace") if code == 200 else None

    def _send(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": kind}
        request = urllib.request.Request(self.endpoint + path, content, headers, method=method)
        context = None if self.authority is None else ssl.create_default_context(cadata=self.authority)
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS, context=context) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 429 or error.code >= 500:
                raise UnreachableApiError(f"{method} {path}: HTTP {error.code}") from error
            return error.code, error.read()
        except (OSError, HTTPException) as error:
            raise UnreachableApiError(f"{method} {path}: {error}") from error
