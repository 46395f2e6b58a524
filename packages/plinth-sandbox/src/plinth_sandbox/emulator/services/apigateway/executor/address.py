"""The address of a request to an API: its host names the API, and perhaps the VPC endpoint; its path begins with the
stage.

Source: API Gateway Developer Guide, "Invoke a REST API" and "Invoke a private API" (read 2026-11-22).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from plinth_sandbox.emulator.message import Request

_HOST = re.compile(
    r"(?P<api>[a-z0-9]{10})(?:-(?P<endpoint>vpce-[0-9a-f]+))?\.execute-api\.(?P<region>[a-z0-9-]+)\.amazonaws\.com"
)


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    api: str
    endpoint: str
    """Id of the VPC endpoint that the host names, or nothing."""
    region: str
    stage: str
    path: str
    """Path after the stage, still encoded."""


def in_origin_form(request: Request) -> Request:
    """Returns a request with the path alone as its target. A client of a proxy sends the whole address."""
    if not request.target.startswith("http://"):
        return request
    parts = urlsplit(request.target)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {**request.headers} if request.header("host") else {**request.headers, "Host": parts.netloc}
    return replace(request, target=target, headers=headers)


def is_of_api(host: str) -> bool:
    """Returns whether a host name is one of an API."""
    return _HOST.fullmatch(host.lower()) is not None


def address_of(request: Request) -> Address | None:
    """Returns the address of a request, or None if it is none of an API."""
    host = request.header("host").partition(":")[0].lower()
    match = _HOST.fullmatch(host)
    if match is None:
        return None
    _, _, rest = request.path.partition("/")
    stage, slash, path = rest.partition("/")
    return Address(host, match["api"], match["endpoint"] or "", match["region"], stage, f"/{path}" if slash else "/")


def api_of(address: Address) -> tuple[str, Any, Any] | None:
    """Returns the account, the backend and the API at an address."""
    from moto.apigateway.models import apigateway_backends

    for account, backends in list(apigateway_backends.items()):
        backend = dict.get(backends, address.region)
        if backend is not None and address.api in backend.apis:
            return account, backend, backend.apis[address.api]
    return None
