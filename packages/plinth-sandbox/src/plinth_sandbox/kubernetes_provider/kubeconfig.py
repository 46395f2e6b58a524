"""Reads the kubeconfig of a provider: the server of its context, and the credentials of its user."""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from plinth_sandbox.provider.errors import ProviderError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EXEC_SECONDS = 60.0
_MARGIN = timedelta(seconds=30)
"""Time before its expiry at which a token is renewed."""


@dataclass(slots=True)
class Connection:
    """A server and the credentials for it."""

    server: str
    tls: ssl.SSLContext
    namespace: str
    """Namespace of objects that name none."""
    _token: str = ""
    _exec: Mapping[str, Any] | None = None
    _expires: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def headers(self) -> dict[str, str]:
        """Returns the headers that authenticate a request. Raises ProviderError if the command for a token fails."""
        with self._lock:
            if self._exec is not None and (self._expires is None or datetime.now(UTC) > self._expires - _MARGIN):
                self._token, self._expires = _credential(self._exec)
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}


def connection(given: str, context: str = "", namespace: str = "") -> Connection:
    """Returns the connection of a kubeconfig: its text, or the path of its file.

    Raises: ProviderError if it is not usable, or leads to another machine.
    """
    content = _content(given)
    chosen = context or str(content.get("current-context") or "")
    scope = _entry(content, "contexts", "context", chosen)
    cluster = _entry(content, "clusters", "cluster", str(scope.get("cluster") or ""))
    user = _entry(content, "users", "user", str(scope.get("user") or ""))
    server = str(cluster.get("server") or "")
    if urlsplit(server).hostname not in _LOOPBACK:
        raise ProviderError(
            f"kubeconfig: the server {server or '(none)'} is not on this machine, and the sandbox calls no other; use "
            "the endpoint of a cluster of the sandbox (`plinth sandbox up --kubernetes`)"
        )
    if cluster.get("insecure-skip-tls-verify"):
        raise ProviderError("kubeconfig: insecure-skip-tls-verify is not supported; name the certificate authority")
    tls = ssl.create_default_context(cadata=_material(cluster, "certificate-authority") or None)
    if certificate := _material(user, "client-certificate"):
        _load_client(tls, certificate, _material(user, "client-key"))
    return Connection(
        server.rstrip("/"),
        tls,
        namespace or str(scope.get("namespace") or "default"),
        str(user.get("token") or ""),
        user.get("exec"),
    )


def _content(given: str) -> Mapping[str, Any]:
    text = given
    if "\n" not in given and not given.lstrip().startswith("{"):
        path = Path(given).expanduser()
        if not path.is_file():
            raise ProviderError(f"kubeconfig: {given} is neither a kubeconfig nor a file with one")
        text = path.read_text()
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ProviderError("kubeconfig: it is neither YAML nor JSON") from error
    if not isinstance(content, Mapping):
        raise ProviderError("kubeconfig: it is not a mapping")
    return content


def _entry(content: Mapping[str, Any], group: str, member: str, name: str) -> Mapping[str, Any]:
    entries = {str(entry.get("name")): entry.get(member) or {} for entry in content.get(group) or []}
    if name not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise ProviderError(f"kubeconfig: there is no {member} {name!r}; there are: {known}")
    found: Mapping[str, Any] = entries[name]
    return found


def _material(entry: Mapping[str, Any], name: str) -> str:
    """Returns a certificate or key, which a kubeconfig contains in base64 or names as a file."""
    if inline := entry.get(f"{name}-data"):
        return base64.b64decode(inline).decode()
    return Path(entry[name]).read_text() if entry.get(name) else ""


def _load_client(tls: ssl.SSLContext, certificate: str, key: str) -> None:
    # The module ssl reads certificates from files only. This one exists for an instant, for its owner.
    with tempfile.TemporaryDirectory(prefix="plinth-kubeconfig-") as folder:
        path = Path(folder) / "client.pem"
        path.touch(0o600)
        path.write_text(f"{certificate}\n{key}")
        tls.load_cert_chain(path)


def _credential(command: Mapping[str, Any]) -> tuple[str, datetime | None]:
    """Runs the command of a user, such as ``aws eks get-token``, and returns the token with its expiry."""
    words = [str(command["command"]), *map(str, command.get("args") or [])]
    variables = {str(variable["name"]): str(variable["value"]) for variable in command.get("env") or []}
    try:
        ended = subprocess.run(
            words, env={**os.environ, **variables}, capture_output=True, text=True, timeout=_EXEC_SECONDS, check=True
        )
        status = json.loads(ended.stdout)["status"]
        expires = status.get("expirationTimestamp")
        return str(status["token"]), datetime.fromisoformat(expires) if expires else None
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()
        raise ProviderError(f"kubeconfig: `{' '.join(words)}` gave no token: {said[-1] if said else error}") from error
