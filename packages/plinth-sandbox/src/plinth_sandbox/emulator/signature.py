"""Recomputes the signature of a request: Signature Version 4, in a header or in the query, and Version 2 of presigned
S3 addresses, which boto3 creates by default.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from botocore.auth import HmacV1QueryAuth
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from botocore.utils import normalize_url_path

from plinth_sandbox.emulator.message import Request

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<credential>[^,\s]+),\s*SignedHeaders=(?P<headers>[^,\s]+),\s*"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_UNSIGNED_BODY = "UNSIGNED-PAYLOAD"
"""Payload of presigned S3 addresses, whose signer does not know the body."""


def is_signed(request: Request) -> bool:
    """Returns whether the request carries a signature of any kind."""
    return bool(request.header("authorization")) or "Signature=" in request.query


def is_signed_with(request: Request, secret: str) -> bool:
    """Returns whether the signature is the one that the holder of ``secret`` makes, and fits the request."""
    if found := _HEADER.fullmatch(request.header("authorization").strip()):
        names = found["headers"].split(";")
        moment = request.header("x-amz-date")
        body = request.header("x-amz-content-sha256") or _digest(request.body)
        if _DIGEST.fullmatch(body) and body != _digest(request.body):
            return False
        text = _canonical_request(request, _pairs(request.query), names, body, found["credential"])
        expected = signature(secret, found["credential"], moment, text)
        return "host" in names and hmac.compare_digest(expected, found["signature"])
    given = dict(parse_qsl(request.query, keep_blank_values=True))
    if "X-Amz-Signature" in given:
        return _is_presigned_with(request, given, secret)
    if "Signature" in given and "AWSAccessKeyId" in given:
        return _is_presigned_by_version_2(request, given, secret)
    return False


def _is_presigned_with(request: Request, given: dict[str, str], secret: str) -> bool:
    credential, names = given.get("X-Amz-Credential", ""), given.get("X-Amz-SignedHeaders", "").split(";")
    pairs = [(name, value) for name, value in _pairs(request.query) if name != "X-Amz-Signature"]
    body = _UNSIGNED_BODY if _service(credential) == "s3" else _digest(request.body)
    text = _canonical_request(request, pairs, names, body, credential)
    expected = signature(secret, credential, given.get("X-Amz-Date", ""), text)
    return "host" in names and hmac.compare_digest(expected, given["X-Amz-Signature"])


def _is_presigned_by_version_2(request: Request, given: dict[str, str], secret: str) -> bool:
    headers: Any = HTTPHeaders()
    for name, value in given.items():
        if name.lower().startswith(("x-amz-", "content-")):
            headers[name] = value
    signer = _Version2(Credentials(given["AWSAccessKeyId"], secret), given.get("Expires", ""))
    expected = signer.get_signature(request.method, urlsplit(request.target), headers)
    return hmac.compare_digest(str(expected).encode(), given["Signature"].encode())


class _Version2(HmacV1QueryAuth):
    """botocore's signer of addresses, with the moment of a signed one."""

    def __init__(self, credentials: Credentials, moment: str) -> None:
        super().__init__(credentials)
        self._moment = moment

    def _get_date(self) -> str:
        return self._moment


def _canonical_request(
    request: Request, pairs: list[tuple[str, str]], names: list[str], body: str, credential: str
) -> str:
    headers = {name.lower(): " ".join(value.split()) for name, value in request.headers.items()}
    return "\n".join(
        [
            request.method,
            _canonical_path(request.path, _service(credential)),
            "&".join(f"{name}={value}" for name, value in sorted(pairs)),
            *(f"{name}:{headers.get(name, '')}" for name in names),
            "",
            ";".join(names),
            body,
        ]
    )


def _canonical_path(path: str, service: str) -> str:
    """Returns the path as it is signed: encoded once for S3, and normalized and encoded twice for all others."""
    return path if service == "s3" else quote(normalize_url_path(path), safe="/~")


def _pairs(query: str) -> list[tuple[str, str]]:
    """Returns the parameters of a query, each encoded as AWS encodes it."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(quote(unquote(name), safe="-_.~"), quote(unquote(value), safe="-_.~")) for name, _, value in parts]


def _service(credential: str) -> str:
    return credential.split("/")[-2] if credential.count("/") >= 2 else ""


def signature(secret: str, credential: str, moment: str, canonical_request: str) -> str:
    scope = credential.partition("/")[2]
    text = "\n".join(["AWS4-HMAC-SHA256", moment, scope, _digest(canonical_request.encode())])
    return hmac.new(_signing_key(secret, scope), text.encode(), hashlib.sha256).hexdigest()


@functools.lru_cache(maxsize=1024)
def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
