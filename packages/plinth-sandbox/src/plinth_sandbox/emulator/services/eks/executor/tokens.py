"""Verifies the tokens with which IAM principals enter a cluster: presigned addresses of GetCallerIdentity.

Sources: EKS User Guide, "Grant IAM users access to Kubernetes with EKS access entries"; the documentation of
aws-iam-authenticator (read 2026-11-23).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from plinth_sandbox.emulator.authentication import Authentication
from plinth_sandbox.emulator.authorization.principals import role_of
from plinth_sandbox.emulator.call import understand
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.signature import is_signed_with

PREFIX = "k8s-aws-v1."
CLUSTER_HEADER = "x-k8s-aws-id"
_LIFETIME = timedelta(minutes=15)
"""Time for which a token is valid, whatever its address says."""
_CLOCK_SKEW = timedelta(minutes=5)
_LONGEST = 16_384
_PARAMETERS = {
    "Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
    "X-Amz-Signature", "X-Amz-Security-Token",
}  # fmt: skip
"""Parameters that the address may have. Others could change what is called."""


class InvalidTokenError(Exception):
    """The token does not show who its holder is."""


@dataclass(frozen=True, slots=True)
class Identity:
    """An IAM principal."""

    arn: str
    """ARN of the role or user."""
    session_arn: str
    """ARN that GetCallerIdentity returns."""
    unique_id: str
    """Identifier of the role or user, which another one with its name does not have."""
    session_name: str
    account: str
    access_key: str


def identity_of(token: str, cluster: str, authentication: Authentication) -> Identity:
    """Returns the principal that signed a token for a cluster. Raises InvalidTokenError."""
    url = urlsplit(_address(token))
    given = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
    if unknown := sorted(given.keys() - _PARAMETERS):
        raise InvalidTokenError(f"the address has other parameters: {', '.join(unknown)}")
    if given.get("Action") != "GetCallerIdentity":
        raise InvalidTokenError("the address is not one of GetCallerIdentity")
    if CLUSTER_HEADER not in given.get("X-Amz-SignedHeaders", "").split(";"):
        raise InvalidTokenError(f"the header {CLUSTER_HEADER} is not signed")
    _check_age(given.get("X-Amz-Date", ""))
    headers = {"Host": url.netloc, CLUSTER_HEADER: cluster}
    request = Request("GET", f"{url.path or '/'}?{url.query}", headers)
    call = understand(request)
    secret = authentication.secret_of(call.access_key)
    if call.service != "sts" or secret is None or not is_signed_with(request, secret):
        raise InvalidTokenError("the signature is not one of a known principal for this cluster")
    return principal_of(call.account, call.access_key)


def _address(token: str) -> str:
    if not token.startswith(PREFIX) or len(token) > _LONGEST:
        raise InvalidTokenError(f"it does not begin with {PREFIX}")
    text = token.removeprefix(PREFIX)
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidTokenError("it is not base64") from error


def _check_age(text: str) -> None:
    try:
        signed = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidTokenError("it has no date") from error
    now = datetime.now(UTC)
    if not signed - _CLOCK_SKEW <= now <= signed + _LIFETIME:
        raise InvalidTokenError("it has expired")


def principal_of(account: str, access_key: str) -> Identity:
    """Returns the principal of an access key. Raises InvalidTokenError if its role does not exist."""
    session = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key)
    if session is not None:
        role = role_of(str(session.role_arn))
        if role is None:
            raise InvalidTokenError("the role does not exist")
        name = str(session.session_name)
        arn = f"arn:aws:sts::{account}:assumed-role/{role.name}/{name}"
        return Identity(str(role.arn), arn, str(role.id), name, account, access_key)
    for user in iam_backends[account]["aws"].users.values():
        if any(key.access_key_id == access_key for key in user.access_keys):
            return Identity(str(user.arn), str(user.arn), str(user.id), "", account, access_key)
    root = f"arn:aws:iam::{account}:root"
    return Identity(root, root, account, "", account, access_key)
