"""A client of an API server, with the certificate of its administrator or a token."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import partial
from typing import Any

from plinth_sandbox import waiting
from plinth_sandbox.kubernetes.administrator import ADMINISTRATOR
from plinth_sandbox.kubernetes.certificates import Certificates
from plinth_sandbox.kubernetes.control_plane import ControlPlane
from plinth_sandbox.waiting import LONGEST_SECONDS


@dataclass
class RefusedError(Exception):
    code: int
    message: str


def context(control_plane: ControlPlane, *, administrator: bool) -> ssl.SSLContext:
    made = ssl.create_default_context(cadata=control_plane.authority)
    if administrator:
        pair = Certificates(control_plane.directory / "certificates").client(ADMINISTRATOR, "system:masters")
        made.load_cert_chain(pair.certificate, pair.key)
    return made


def call(
    control_plane: ControlPlane,
    method: str,
    path: str,
    body: Any = None,
    token: str | None = None,
    content_type: str = "application/json",
) -> Any:
    """Returns the answer. Without a token, the caller is the administrator. Raises: RefusedError."""
    headers = {"Content-Type": content_type} | ({"Authorization": f"Bearer {token}"} if token else {})
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(control_plane.server + path, content, headers, method=method)
    try:
        with urllib.request.urlopen(
            request, context=context(control_plane, administrator=token is None), timeout=LONGEST_SECONDS
        ) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise RefusedError(error.code, _message(error.read().decode())) from error


def _message(text: str) -> str:
    return str(json.loads(text)["message"]) if text.startswith("{") else text


eventually = partial(waiting.eventually, ignored=(RefusedError, OSError))
"""Waits for a true answer of an API server, which may refuse requests or not listen meanwhile."""
