"""A client of an API server for any kind of object."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import quote, urlencode

from plinth_sandbox.kubernetes_provider.kubeconfig import Connection
from plinth_sandbox.provider.errors import ProviderError

APPLY = "application/apply-patch+yaml"
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')
_REQUEST_SECONDS = 60.0
_IMMUTABLE = ("immutable", "may not change once set", "updates to", "field can not be changed")
"""Words with which API servers say that a field cannot change."""

Object = dict[str, Any]
Warn = Callable[[str], None]


class ApiError(ProviderError):
    """The API server refused a request."""

    def __init__(self, status: int, reason: str, message: str, causes: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(f"{reason}: {message}")
        self.status, self.reason, self.message = status, reason, message
        self.causes = causes
        """Path and message of each refused field. The path is empty if the server names none."""

    @property
    def immutable_fields(self) -> tuple[str, ...]:
        """Paths of the fields that the server refuses because they cannot change."""
        texts = self.causes if self.status == 422 else ()
        return tuple(path for path, text in texts if any(words in text for words in _IMMUTABLE))


class UnknownKindError(ProviderError):
    """The API server serves no such kind, or not yet."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How an API server serves one kind."""

    plural: str
    namespaced: bool


@dataclass(slots=True)
class Api:
    """One API server."""

    connection: Connection
    _kinds: dict[tuple[str, str], Kind] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, target: Mapping[str, Any]) -> Object | None:
        """Returns an object as it is, or None if it does not exist."""
        try:
            return self._call("GET", self.path(target))
        except (ApiError, UnknownKindError) as error:
            if isinstance(error, UnknownKindError) or error.status == 404:
                return None
            raise

    def apply(
        self, wanted: Mapping[str, Any], manager: str, *, warn: Warn, force: bool = False, dry_run: bool = False
    ) -> Object:
        """Applies an object on the server's side and returns the result.

        Raises: ApiError, for unknown fields too; UnknownKindError.
        """
        query = {"fieldManager": manager, "force": str(force).lower(), "fieldValidation": "Strict"}
        if dry_run:
            query["dryRun"] = "All"
        return self._call("PATCH", self.path(wanted), query, wanted, APPLY, warn)

    def delete(self, target: Mapping[str, Any], uid: str) -> None:
        """Deletes an object, unless another one with its name has replaced it. Does not wait for its end."""
        options: dict[str, Any] = {"propagationPolicy": "Foreground"}
        if uid:
            options["preconditions"] = {"uid": uid}
        self._call("DELETE", self.path(target), body=options)

    def has_nodes(self) -> bool:
        """Returns whether any node could run a pod. Raises ApiError if the caller may not see nodes."""
        return bool(self._call("GET", "/api/v1/nodes", {"limit": "1"})["items"])

    def namespace_of(self, target: Mapping[str, Any]) -> str | None:
        """Returns the namespace of an object, or None if its kind has none."""
        if not self.kind(str(target["apiVersion"]), str(target["kind"])).namespaced:
            return None
        return str((target.get("metadata") or {}).get("namespace") or self.connection.namespace)

    def path(self, target: Mapping[str, Any]) -> str:
        """Returns the path of an object. Raises UnknownKindError."""
        version = str(target["apiVersion"])
        kind, namespace = self.kind(version, str(target["kind"])), self.namespace_of(target)
        inside = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
        return f"{_base(version)}{inside}/{kind.plural}/{quote(str(target['metadata']['name']), safe='')}"

    def kind(self, version: str, kind: str) -> Kind:
        """Returns how a kind is served. Raises UnknownKindError."""
        with self._lock:
            known = self._kinds.get((version, kind))
        if known is not None:
            return known
        try:
            listed = self._call("GET", _base(version))["resources"]
        except ApiError as error:
            if error.status != 404:
                raise
            listed = []
        whole = [resource for resource in listed if "/" not in resource["name"]]
        found = {
            (version, resource["kind"]): Kind(resource["name"], bool(resource["namespaced"])) for resource in whole
        }
        with self._lock:
            self._kinds |= found
        if (version, kind) not in found:
            raise UnknownKindError(f"the API server has no kind {kind} in {version}")
        return found[version, kind]

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        warn: Warn = lambda _: None,
    ) -> Object:
        connection = self.connection
        url = f"{connection.server}{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json", "Content-Type": content_type, **connection.headers()}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, content, headers, method=method)
        # The API server runs on this machine, so proxies from the environment do not apply.
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=connection.tls)
        )
        try:
            with opener.open(request, timeout=_REQUEST_SECONDS) as answer:
                _warnings(answer.headers, warn)
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            _warnings(error.headers, warn)
            raise _refusal(error) from error
        except OSError as error:
            reason = getattr(error, "reason", error)
            raise ProviderError(f"the API server {connection.server} does not answer: {reason}") from error


def _base(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _warnings(headers: Message, warn: Warn) -> None:
    for header in headers.get_all("Warning") or []:
        for text in _WARNING.findall(header):
            warn(text.replace('\\"', '"').replace("\\\\", "\\"))


def _refusal(error: urllib.error.HTTPError) -> ApiError:
    try:
        status = json.load(error)
    except ValueError:
        status = {}
    reason = status.get("reason") or {401: "Unauthorized", 403: "Forbidden"}.get(error.code, f"HTTP {error.code}")
    causes = (status.get("details") or {}).get("causes") or []
    refused = tuple((str(cause.get("field", "")), str(cause.get("message", ""))) for cause in causes)
    return ApiError(error.code, str(reason), str(status.get("message") or error.reason), refused)
