"""Verifies the tokens with which clients show the tracking server their IAM role: presigned requests of
GetCallerIdentity, which name the server in a signed header. Clients sign them with ``plinth_project.tracking``."""

from __future__ import annotations

import base64
import binascii
import re
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

PREFIX = "plinth-mlflow-v1."
SERVER_HEADER = "x-plinth-server"
_LIFETIME = timedelta(minutes=15)
"""Time for which a token counts, whatever its address says."""
_CLOCK_SKEW = timedelta(minutes=5)
_LONGEST = 8_192
_PATIENCE_SECONDS = 10.0
_PARAMETERS = {
    "Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
    "X-Amz-Signature", "X-Amz-Security-Token",
}  # fmt: skip
"""Parameters that the address may have. Others could change what is called."""
_SESSION = re.compile(r"arn:aws:sts::(?P<account>\d{12}):assumed-role/(?P<role>[^/]+)/(?P<session>[^/]+)")


class InvalidTokenError(Exception):
    """The token does not show which role its holder has."""


def caller_of(token: str, server: str, sts_url: str) -> tuple[str, str]:
    """Returns the ARN of the role, without its path, and the session of whoever signed a token.

    It sends the request to ``sts_url`` only. Raises InvalidTokenError.
    """
    url = urlsplit(_address(token))
    _check(url.scheme, url.netloc, url.query, sts_url)
    request = urllib.request.Request(url.geturl(), headers={SERVER_HEADER: server})
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as answer:
            arn = _arn_in(answer.read())
    except urllib.error.HTTPError as error:
        raise InvalidTokenError("AWS STS does not accept the signature") from error
    found = _SESSION.fullmatch(arn)
    if found is None:
        raise InvalidTokenError("its holder has no role")
    return f"arn:aws:iam::{found['account']}:role/{found['role']}", found["session"]


def _address(token: str) -> str:
    if not token.startswith(PREFIX) or len(token) > _LONGEST:
        raise InvalidTokenError(f"it does not begin with {PREFIX}")
    text = token.removeprefix(PREFIX)
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidTokenError("it is not base64") from error


def _check(scheme: str, host: str, query: str, sts_url: str) -> None:
    expected = urlsplit(sts_url)
    if (scheme, host) != (expected.scheme, expected.netloc):
        raise InvalidTokenError("the address is not one of AWS STS in this region")
    given = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
    if given.keys() - _PARAMETERS or given.get("Action") != "GetCallerIdentity":
        raise InvalidTokenError("the address is not one of GetCallerIdentity")
    if SERVER_HEADER not in given.get("X-Amz-SignedHeaders", "").split(";"):
        raise InvalidTokenError("it names no server")
    try:
        signed = datetime.strptime(given.get("X-Amz-Date", ""), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidTokenError("it has no date") from error
    if not signed - _CLOCK_SKEW <= datetime.now(UTC) <= signed + _LIFETIME:
        raise InvalidTokenError("it has expired")


def _arn_in(answer: bytes) -> str:
    found = ElementTree.fromstring(answer).find(".//{*}Arn")
    return "" if found is None or found.text is None else found.text
